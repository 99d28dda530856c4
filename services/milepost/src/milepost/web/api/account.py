"""Who is there, their courses, and whether the service is well."""

from http import HTTPStatus

from milepost.usecases.actor import Actor
from milepost.usecases.know_user import know_user
from milepost.usecases.list_courses import list_courses
from milepost.web.api.handler import ApiHandler
from milepost.web.operation import operation
from milepost.web.problems import problem
from milepost.web.schemas.account import CourseList, Health, Me
from milepost.web.schemas.common import Paging


class MeHandler(ApiHandler):
    """/auth/me."""

    @operation("Who is signed in, and what they are in which course", response=Me)
    def get(self, actor: Actor) -> Me:
        """Return the signed-in person."""
        return Me.of(actor, know_user(self.deps, actor), list_courses(self.deps, actor))


class CoursesHandler(ApiHandler):
    """/courses."""

    @operation("The courses one learns or teaches", query=Paging, response=CourseList)
    def get(self, actor: Actor, query: Paging) -> CourseList:  # noqa: ARG002
        """Return the courses; there are few, so that they are one page."""
        return CourseList.of(list_courses(self.deps, actor))


class HealthHandler(ApiHandler):
    """/health."""

    @operation("Whether the process answers", response=Health, public=True)
    def get(self) -> Health:
        """Return that it does."""
        return Health()


class ReadyHandler(ApiHandler):
    """/ready."""

    @operation(
        "Whether the database answers and has this version's schema",
        response=Health,
        public=True,
        errors=(HTTPStatus.SERVICE_UNAVAILABLE,),
    )
    def get(self) -> Health:
        """Return that it does. Raises a problem."""
        try:
            self.deps.store.ping()
        except Exception as error:
            # Whatever the driver raises means the same to whoever asks; the log has the details.
            raise problem(
                HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer."
            ) from error
        return Health()

"""Releasing, fetching and submitting projects: what nbgrader calls the exchange."""

from http import HTTPStatus

from milepost.usecases.actor import Actor
from milepost.usecases.fetch_release import find_release, list_releases
from milepost.usecases.release import release
from milepost.usecases.submit import Submission, submit
from milepost.usecases.unrelease import unrelease
from milepost.web.api.handler import ApiHandler
from milepost.web.operation import ARCHIVE, Answer, Blob, operation
from milepost.web.schemas.common import Paging
from milepost.web.schemas.exchange import ReleasedList, ReleaseDocument
from milepost.web.schemas.submissions import Receipt

_MISSING = (HTTPStatus.NOT_FOUND,)
KEY = "Idempotency-Key"


class ReleasedHandler(ApiHandler):
    """/courses/{course}/projects."""

    @operation(
        "The released projects of a course",
        query=Paging,
        response=ReleasedList,
        errors=_MISSING,
    )
    def get(self, course: str, actor: Actor, query: Paging) -> ReleasedList:  # noqa: ARG002
        """Return the releases; a course's are one page."""
        return ReleasedList.shown(list_releases(self.deps, actor, course))


class ReleaseHandler(ApiHandler):
    """/courses/{course}/projects/{project}/archive."""

    @operation("Fetch a project's files", response=ARCHIVE, errors=_MISSING)
    def get(self, course: str, project: str, actor: Actor) -> Blob:
        """Return the archive; a learner's locked project is refused."""
        return Blob(find_release(self.deps, actor, course, project).sha256)

    @operation(
        "Release a project, or replace its release (instructors)",
        body=ARCHIVE,
        response=ReleaseDocument,
        errors=_MISSING,
    )
    def put(self, course: str, project: str, actor: Actor, body: bytes) -> ReleaseDocument:
        """Return the release."""
        return ReleaseDocument.of(release(self.deps, actor, course, project, body))

    @operation(
        "Withdraw a project's release (instructors)",
        response=None,
        status=HTTPStatus.NO_CONTENT,
        errors=_MISSING,
    )
    def delete(self, course: str, project: str, actor: Actor) -> None:
        """Withdraw it."""
        unrelease(self.deps, actor, course, project)


class SubmitHandler(ApiHandler):
    """/courses/{course}/projects/{project}/submissions."""

    @operation(
        "Submit a project's files; the same key and content give the same receipt",
        body=ARCHIVE,
        response=Receipt,
        status=HTTPStatus.ACCEPTED,
        errors=(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS),
        headers=(KEY,),
    )
    def post(self, course: str, project: str, actor: Actor, body: bytes) -> Answer:
        """Return the receipt: 202, or 200 when this very submission was taken in before."""
        key = self.request.headers.get(KEY, "")
        accepted = submit(self.deps, actor, Submission(course, project, key, body))
        receipt = Receipt.of(accepted.attempt, self.web.api_prefix)
        status = HTTPStatus.ACCEPTED if accepted.created else HTTPStatus.OK
        return Answer(receipt, status, (("Location", receipt.url),))

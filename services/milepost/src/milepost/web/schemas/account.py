"""Documents about people, courses and the service itself."""

from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from milepost.ports.store import UserRow
from milepost.usecases.actor import Actor
from milepost.usecases.list_courses import CourseView

CourseRole = Literal["learner", "instructor"]


class MyCourse(BaseModel):
    """A course of the signed-in person, and what they are in it."""

    slug: str
    title: str
    role: CourseRole


class Me(BaseModel):
    """The signed-in person."""

    id: UUID
    username: str
    email: str | None = Field(
        description="Null unless it was stored with the account: JupyterHub tells its services "
        "no e-mail addresses."
    )
    roles: list[Literal["learner", "instructor", "admin"]]
    courses: list[MyCourse]

    @classmethod
    def of(cls, actor: Actor, row: UserRow, courses: list[CourseView]) -> Self:
        """Put together what the Hub and the database know."""
        roles: list[Literal["learner", "instructor", "admin"]] = []
        if actor.learns:
            roles.append("learner")
        if actor.teaches:
            roles.append("instructor")
        if actor.admin:
            roles.append("admin")
        mine = [
            MyCourse(slug=view.row.slug, title=view.row.title, role=role_in(view))
            for view in courses
        ]
        return cls(id=row.id, username=row.username, email=row.email, roles=roles, courses=mine)


class CourseItem(BaseModel):
    """A course."""

    slug: str
    title: str
    description: str
    role: CourseRole


class CourseList(BaseModel):
    """Courses, by slug."""

    items: list[CourseItem]
    next: str | None = None

    @classmethod
    def of(cls, courses: list[CourseView]) -> Self:
        """Show courses."""
        return cls(
            items=[
                CourseItem(
                    slug=view.row.slug,
                    title=view.row.title,
                    description=view.row.description,
                    role=role_in(view),
                )
                for view in courses
            ]
        )


class Health(BaseModel):
    """That the service answers, or is ready for work."""

    status: Literal["ok"] = "ok"


def role_in(view: CourseView) -> CourseRole:
    """Return what the actor is in a course."""
    return "instructor" if view.instructor else "learner"

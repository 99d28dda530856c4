"""What the Milepost service tells about projects and submissions, as typed records."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from jupyterlab_milepost.names import course_name, project_name, user_name


@dataclass(frozen=True, slots=True)
class Project:
    """A released project, as the exchange sees it."""

    course: str
    slug: str
    title: str
    notebook: str
    """The notebook's name within the project."""
    state: str
    """`locked`, `not_started`, `in_progress` or `completed`, for whoever asks."""

    @classmethod
    def from_json(cls, course: str, item: Mapping[str, Any]) -> Self:
        """Read one item of `GET /courses/{course}/projects`. Raises KeyError or ValueError."""
        return cls(
            course=course,
            slug=project_name(str(item["slug"])),
            title=str(item["title"]),
            notebook=str(item["notebook"]),
            state=str(item["state"]),
        )


@dataclass(frozen=True, slots=True)
class Submission:
    """One submission, as the service keeps it."""

    id: str
    course: str
    project: str
    username: str
    sha256: str
    submitted_at: datetime
    """With its time zone."""
    state: str
    feedback: str | None
    """The SHA-256 of the feedback's archive, once there is feedback."""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Self:
        """Read a receipt or an item of `GET /submissions`. Raises KeyError or ValueError."""
        submitted_at = datetime.fromisoformat(str(item["submitted_at"]))
        if submitted_at.tzinfo is None:
            raise ValueError("submitted_at has no time zone")
        return cls(
            id=str(item["id"]),
            course=course_name(str(item["course"])),
            project=project_name(str(item["project"])),
            username=user_name(str(item["username"])),
            sha256=str(item["sha256"]),
            submitted_at=submitted_at,
            state=str(item["state"]),
            feedback=item.get("feedback"),
        )

"""Documents about released projects."""

from collections.abc import Iterable
from typing import Self

from pydantic import AwareDatetime, BaseModel

from milepost.domain.progress import ProjectState
from milepost.ports.store import ReleaseRow
from milepost.usecases.fetch_release import ReleasedProject


class ReleaseDocument(BaseModel):
    """What learners get of a project; `size` in bytes, packed."""

    sha256: str
    size: int
    files: int
    released_at: AwareDatetime

    @classmethod
    def of(cls, release: ReleaseRow) -> Self:
        """Show a release."""
        return cls(
            sha256=release.sha256,
            size=release.size,
            files=release.files,
            released_at=release.released_at,
        )


class ReleasedItem(ReleaseDocument):
    """A released project, and how the one who asks stands to it."""

    slug: str
    title: str
    state: ProjectState
    notebook: str


class ReleasedList(BaseModel):
    """The released projects of a course, by number."""

    items: list[ReleasedItem]
    next: str | None = None

    @classmethod
    def shown(cls, released: Iterable[ReleasedProject]) -> Self:
        """Show the course's releases."""
        items = [
            ReleasedItem(
                **ReleaseDocument.of(item.release).model_dump(),
                slug=item.view.row.project.slug,
                title=item.view.row.project.title,
                state=item.view.state,
                notebook=item.view.row.project.notebook,
            )
            for item in released
        ]
        return cls(items=items)

"""Projects as one learner sees them: stored rows and their own progress, put together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from milepost.domain.errors import LockedError, NotFoundError
from milepost.domain.progress import Progress, ProjectState, Status, state_of
from milepost.ports.store import ProjectRow, Transaction


@dataclass(frozen=True)
class ProjectView:
    """One project and how far the learner is.

    `needs` are its prerequisites, `missing` those of them that are still to do.
    """

    row: ProjectRow
    progress: Progress
    needs: tuple[ProjectRow, ...]
    missing: tuple[ProjectRow, ...]

    @property
    def state(self) -> ProjectState:
        """What the learner sees of the project."""
        return state_of(self.progress, () if not self.missing else (Progress(),))

    @property
    def score(self) -> int | None:
        """The best score, 0 to 100, or None before the first graded attempt."""
        return self.progress.completion_percentage if self.progress.attempts else None

    def must_be_open(self) -> None:
        """Raise LockedError, naming what to complete first, when the project is locked."""
        if self.state is ProjectState.LOCKED:
            first = " and ".join(f"“{row.project.title}”" for row in self.missing)
            raise LockedError(f"“{self.row.project.title}” is locked: complete {first} first.")


def all_views(tx: Transaction, username: str) -> list[ProjectView]:
    """Return every listed project, by course and number."""
    rows = tx.catalogue.projects()
    return views_of(rows, rows, tx.progress.all(username))


def view_by_id(tx: Transaction, username: str, project_id: int) -> ProjectView:
    """Return one project, or raise NotFoundError."""
    row = tx.catalogue.project(project_id)
    if row is None:
        raise NotFoundError(f"There is no project {project_id}.")
    return _view(tx, username, row)


def view_by_slug(tx: Transaction, username: str, course: str, slug: str) -> ProjectView:
    """Return one project, or raise NotFoundError."""
    return _view(tx, username, project_row(tx, course, slug))


def project_row(tx: Transaction, course: str, slug: str) -> ProjectRow:
    """Return one project as stored, or raise NotFoundError."""
    row = tx.catalogue.project_by_slug(course, slug)
    if row is None:
        raise NotFoundError(f"The course {course} has no project {slug}.")
    return row


def views_of(
    rows: Iterable[ProjectRow], listed: Iterable[ProjectRow], progress: Mapping[int, Progress]
) -> list[ProjectView]:
    """Return `rows` as a learner of this progress sees them: the one place that judges locks.

    A prerequisite that is not `listed` any longer cannot be completed, so it locks nothing.
    """
    by_id = {row.id: row for row in listed}
    return [_put_together(row, by_id, progress) for row in rows]


def _view(tx: Transaction, username: str, row: ProjectRow) -> ProjectView:
    (view,) = views_of([row], tx.catalogue.projects(), tx.progress.all(username))
    return view


def _put_together(
    row: ProjectRow, listed: Mapping[int, ProjectRow], progress: Mapping[int, Progress]
) -> ProjectView:
    def at(project_id: int) -> Progress:
        return progress.get(project_id, Progress())

    needs = tuple(listed[needed] for needed in row.prerequisites if needed in listed)
    missing = tuple(one for one in needs if at(one.id).status is not Status.COMPLETED)
    return ProjectView(row, at(row.id), needs, missing)

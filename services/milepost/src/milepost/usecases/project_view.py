"""Projects as one learner sees them: stored rows and their own progress, put together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from milepost.domain.errors import LockedError, NotFoundError
from milepost.domain.progress import Progress, ProjectState, Status, state_of
from milepost.ports.store import ProjectRow, Transaction


@dataclass(frozen=True)
class ProjectView:
    """One project and how far the learner is; `missing` are the prerequisites still to do."""

    row: ProjectRow
    progress: Progress
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
    progress = tx.progress.all(username)
    by_id = {row.id: row for row in rows}
    return [_view(row, by_id, progress) for row in rows]


def view_by_id(tx: Transaction, username: str, project_id: int) -> ProjectView:
    """Return one project, or raise NotFoundError."""
    row = tx.catalogue.project(project_id)
    if row is None:
        raise NotFoundError(f"There is no project {project_id}.")
    return _view(row, _prerequisites(tx, row), tx.progress.all(username))


def view_by_slug(tx: Transaction, username: str, course: str, slug: str) -> ProjectView:
    """Return one project, or raise NotFoundError."""
    row = project_row(tx, course, slug)
    return _view(row, _prerequisites(tx, row), tx.progress.all(username))


def project_row(tx: Transaction, course: str, slug: str) -> ProjectRow:
    """Return one project as stored, or raise NotFoundError."""
    row = tx.catalogue.project_by_slug(course, slug)
    if row is None:
        raise NotFoundError(f"The course {course} has no project {slug}.")
    return row


def _prerequisites(tx: Transaction, row: ProjectRow) -> dict[int, ProjectRow]:
    return _by_id(tx.catalogue.project(project_id) for project_id in row.prerequisites)


def _by_id(rows: Iterable[ProjectRow | None]) -> dict[int, ProjectRow]:
    return {row.id: row for row in rows if row is not None}


def _view(
    row: ProjectRow, known: Mapping[int, ProjectRow], progress: Mapping[int, Progress]
) -> ProjectView:
    # A prerequisite that is no longer listed cannot be completed, so it locks nothing.
    missing = tuple(
        known[needed]
        for needed in row.prerequisites
        if needed in known and progress.get(needed, Progress()).status is not Status.COMPLETED
    )
    return ProjectView(row, progress.get(row.id, Progress()), missing)

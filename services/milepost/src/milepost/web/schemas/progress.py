"""Documents about progress."""

from collections.abc import Iterable
from typing import Self

from pydantic import AwareDatetime, BaseModel, Field, StrictBool, StrictInt

from milepost.domain.progress import Progress, Status
from milepost.ports.store import ProjectRow
from milepost.usecases.show_stats import Stats
from milepost.web.schemas.common import LARGEST_ID, Asked


class ProgressReport(Asked):
    """What a learner's browser may report: that a project was opened, and time spent on it.

    Status and percentage come from graded attempts alone; whoever sends them is refused.
    """

    project_id: StrictInt = Field(ge=1, le=LARGEST_ID)
    seconds: StrictInt = Field(0, ge=0, le=86400, description="Time since the last report.")
    opened: StrictBool = Field(False, description="The project was opened now.")


class ProgressItem(BaseModel):
    """How far the learner is with a project. `time_spent` is in seconds."""

    project_id: int
    slug: str
    status: Status
    completion_percentage: int = Field(ge=0, le=100)
    time_spent: int
    last_accessed: AwareDatetime | None
    completed_at: AwareDatetime | None
    attempts: int

    @classmethod
    def of(cls, row: ProjectRow, progress: Progress) -> Self:
        """Show the progress with one project."""
        return cls(
            project_id=row.id,
            slug=row.project.slug,
            status=progress.status,
            completion_percentage=progress.completion_percentage,
            time_spent=progress.time_spent,
            last_accessed=progress.last_accessed,
            completed_at=progress.completed_at,
            attempts=progress.attempts,
        )


class ProgressList(BaseModel):
    """The learner's progress with every project, by course and number."""

    items: list[ProgressItem]
    next: str | None = None

    @classmethod
    def of(cls, rows: Iterable[tuple[ProjectRow, Progress]]) -> Self:
        """Show the progress with many projects."""
        return cls(items=[ProgressItem.of(row, progress) for row, progress in rows])


class ConceptMasteryItem(BaseModel, from_attributes=True):
    """How well the learner masters a concept."""

    slug: str
    name: str
    mastery: int = Field(ge=0, le=100)


class StatsDocument(BaseModel):
    """The learner's figures: projects, points of the best attempts, seconds."""

    completed: int
    in_progress: int
    total: int
    points: float
    max_points: float
    time_spent: int
    attempts: int
    concepts: list[ConceptMasteryItem]

    @classmethod
    def of(cls, stats: Stats) -> Self:
        """Show the figures."""
        return cls.model_validate(stats, from_attributes=True)

"""Progress: how graded attempts raise it, which projects it opens, what is mastered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """How far a learner is with a project."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class ProjectState(StrEnum):
    """What a learner sees of a project: its status, or that it is still locked."""

    LOCKED = "locked"
    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


@dataclass(frozen=True)
class Progress:
    """One learner's progress with one project. `time_spent` is in seconds."""

    status: Status = Status.NOT_STARTED
    completion_percentage: int = 0
    time_spent: int = 0
    attempts: int = 0
    last_accessed: datetime | None = None
    completed_at: datetime | None = None


def after_grade(before: Progress, percent: int, pass_percent: int, at: datetime) -> Progress:
    """Return the progress after a graded attempt: it never falls, and only this raises it."""
    best = max(before.completion_percentage, percent)
    completed = before.status is Status.COMPLETED or best >= pass_percent
    return replace(
        before,
        status=Status.COMPLETED if completed else Status.IN_PROGRESS,
        completion_percentage=best,
        attempts=before.attempts + 1,
        last_accessed=at,
        completed_at=before.completed_at or (at if completed else None),
    )


def after_visit(before: Progress, seconds: int, at: datetime) -> Progress:
    """Return the progress after the learner opened the project or spent `seconds` on it."""
    status = Status.IN_PROGRESS if before.status is Status.NOT_STARTED else before.status
    return replace(before, status=status, time_spent=before.time_spent + seconds, last_accessed=at)


def state_of(progress: Progress, prerequisites: Iterable[Progress]) -> ProjectState:
    """Return what the learner sees; a project once begun does not lock again."""
    if progress.status is Status.NOT_STARTED and any(
        other.status is not Status.COMPLETED for other in prerequisites
    ):
        return ProjectState.LOCKED
    return ProjectState(progress.status.value)


def mastery(
    concepts_of: Mapping[int, Iterable[str]], percents: Mapping[int, int]
) -> dict[str, int]:
    """Return each concept's mastery, 0 to 100: the mean best score over its projects.

    `concepts_of` maps project ids to concept slugs, `percents` project ids to best scores.
    """
    scores: dict[str, list[int]] = {}
    for project, slugs in concepts_of.items():
        for slug in slugs:
            scores.setdefault(slug, []).append(percents.get(project, 0))
    return {slug: sum(values) // len(values) for slug, values in scores.items()}

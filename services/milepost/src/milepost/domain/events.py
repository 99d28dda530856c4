"""What happened: rows that a browser reads after the last one it has seen."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class EventKind(StrEnum):
    """The names that the event stream carries."""

    ATTEMPT_ACCEPTED = "attempt.accepted"
    ATTEMPT_STARTED = "attempt.started"
    ATTEMPT_GRADED = "attempt.graded"
    ATTEMPT_DEAD = "attempt.dead"
    PROGRESS_CHANGED = "progress.changed"
    PROJECT_UNLOCKED = "project.unlocked"
    FEEDBACK_RELEASED = "feedback.released"


@dataclass(frozen=True)
class Event:
    """One event of one learner; ids rise in the order in which a reader may see them."""

    id: int
    username: str
    kind: EventKind
    at: datetime
    data: dict[str, Any]

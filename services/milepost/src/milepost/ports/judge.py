"""The judge: turns one attempt into an outcome, away from this process."""

from dataclasses import dataclass
from typing import Protocol

from milepost.domain.attempts import Outcome
from milepost.domain.catalogue import Isolation, Project


class JudgeError(Exception):
    """Ours, not the learner's: the attempt is retried and no score is written."""


class JudgeUnavailableError(JudgeError):
    """Nothing can be graded here at present, whatever it is: that was no try at all."""


@dataclass(frozen=True)
class GradeRequest:
    """All that grading one attempt needs; plain data, so that it crosses into a child process."""

    attempt_id: int
    username: str
    course: str
    project: Project
    isolation: Isolation
    archive: bytes
    submitted_at: str


class Judge(Protocol):
    """Grades attempts, each in a process and sandboxes of its own."""

    async def grade(self, request: GradeRequest) -> Outcome:
        """Return the outcome, having recorded it in the course's gradebook; repeating is harmless.

        Cancelling the call ends all that it started. Raises JudgeError, JudgeUnavailableError.
        """

    async def close(self) -> None:
        """End whatever is running or kept warm."""

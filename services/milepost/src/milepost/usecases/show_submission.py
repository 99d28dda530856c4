"""Show one attempt with its results, or fetch what was submitted."""

from dataclasses import dataclass

from milepost.domain.attempts import StepResult
from milepost.domain.errors import NotFoundError
from milepost.ports.store import AttemptRow, Transaction
from milepost.usecases.actor import Actor
from milepost.usecases.deps import Deps


@dataclass(frozen=True)
class AttemptView:
    """An attempt and its results per step, empty before grading.

    `flags` are the judge's remarks; None for who does not instruct the course.
    """

    attempt: AttemptRow
    steps: tuple[StepResult, ...]
    flags: tuple[str, ...] | None = None


def show_submission(deps: Deps, actor: Actor, attempt_id: int) -> AttemptView:
    """Return an attempt of one's own or of a course one teaches. Raises NotFoundError."""
    with deps.store.reading() as tx:
        attempt = visible_attempt(tx, actor, attempt_id)
        flags = attempt.flags if attempt.course in actor.teaches else None
        return AttemptView(attempt, tx.attempts.steps(attempt_id), flags)


def find_submission(deps: Deps, actor: Actor, attempt_id: int) -> AttemptRow:
    """Return the attempt, whose blob the actor may then read. Raises NotFoundError."""
    with deps.store.reading() as tx:
        return visible_attempt(tx, actor, attempt_id)


def visible_attempt(tx: Transaction, actor: Actor, attempt_id: int) -> AttemptRow:
    """Return an attempt; somebody else's is not found rather than forbidden."""
    attempt = tx.attempts.get(attempt_id)
    if attempt is not None and (
        attempt.course in actor.teaches or (actor.learns and attempt.username == actor.username)
    ):
        return attempt
    raise NotFoundError(f"There is no submission {attempt_id}, or it is not yours.")

"""Attach an instructor's feedback to an attempt, and find it again."""

from milepost.domain.errors import NotFoundError
from milepost.domain.events import EventKind
from milepost.ports.bus import learner_topic
from milepost.ports.store import AttemptRow
from milepost.usecases.actor import Actor
from milepost.usecases.checked_archive import checked
from milepost.usecases.deps import Deps
from milepost.usecases.show_submission import find_submission, visible_attempt


def give_feedback(deps: Deps, actor: Actor, attempt_id: int, archive: bytes) -> str:
    """Store the archive of HTML files, tell the learner, and return its SHA-256.

    Raises NotFoundError, ForbiddenError, InvalidError, TooLargeError.
    """
    attempt = find_submission(deps, actor, attempt_id)
    actor.must_teach(attempt.course)
    checked(archive)
    sha256 = deps.blobs.put(archive)
    with deps.store.transaction() as tx:
        visible_attempt(tx, actor, attempt_id)
        tx.attempts.set_feedback(attempt_id, sha256)
        tx.events.append(
            attempt.username, EventKind.FEEDBACK_RELEASED, _told(attempt), at=deps.now()
        )
    deps.bus.ring(learner_topic(attempt.username))
    return sha256


def find_feedback(deps: Deps, actor: Actor, attempt_id: int) -> str:
    """Return the SHA-256 of the feedback, which the actor may then read. Raises NotFoundError."""
    attempt = find_submission(deps, actor, attempt_id)
    if attempt.feedback is None:
        raise NotFoundError(f"There is no feedback on submission {attempt_id} yet.")
    return attempt.feedback


def _told(attempt: AttemptRow) -> dict[str, int | str]:
    return {
        "attempt": attempt.id,
        "project_id": attempt.project_id,
        "course": attempt.course,
        "project": attempt.project,
    }

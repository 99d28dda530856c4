"""Jobs that were set aside: what an operator sees of them, and another try."""

from dataclasses import dataclass

from milepost.domain.attempts import AttemptState
from milepost.domain.errors import ConflictError, NotFoundError
from milepost.ports.bus import JOBS, learner_topic
from milepost.ports.store import AttemptRow, DeadJob, Transaction
from milepost.usecases.deps import Deps
from milepost.usecases.grade import attempt_id_of


@dataclass(frozen=True)
class DeadLetter:
    """A job that was set aside, and the attempt it is about, if it is about one."""

    job: DeadJob
    attempt: AttemptRow | None


def dead_letters(deps: Deps) -> list[DeadLetter]:
    """Return the jobs that were set aside, oldest first."""
    with deps.store.reading() as tx:
        return [DeadLetter(job, tx.attempts.get(attempt_id_of(job))) for job in tx.jobs.dead()]


def retry(deps: Deps, job_id: int) -> DeadLetter:
    """Queue a job again that was set aside, with its attempt, as if it had never been tried.

    Raises NotFoundError, and ConflictError where the learner's newer work has its grade already.
    """
    with deps.store.transaction() as tx:
        job = tx.jobs.revive(job_id, at=deps.now())
        if job is None:
            raise NotFoundError(f"No job {job_id} was set aside: see `milepost jobs list`.")
        attempt = tx.attempts.get(attempt_id_of(job))
        if attempt is not None:
            _must_be_newest(tx, attempt)
            tx.attempts.set_state(attempt.id, AttemptState.QUEUED)
    deps.bus.ring(JOBS)
    if attempt is not None:
        deps.bus.ring(learner_topic(attempt.username))
    return DeadLetter(job, attempt)


def _must_be_newest(tx: Transaction, attempt: AttemptRow) -> None:
    """Refuse what would put older work in the gradebook in the place of newer."""
    others = tx.attempts.list(
        courses=[attempt.course], project=attempt.project, username=attempt.username
    )
    if any(one.id > attempt.id and one.state is AttemptState.GRADED for one in others):
        raise ConflictError(
            f"{attempt.username} has a newer submission of {attempt.project} that is graded: "
            "the gradebook keeps the newest."
        )

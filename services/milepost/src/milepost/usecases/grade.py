"""Grade an attempt: begin, record, give back, give up; each in one transaction."""

from dataclasses import dataclass
from datetime import datetime

from milepost.domain.attempts import AttemptState, Outcome
from milepost.domain.events import EventKind
from milepost.domain.progress import Progress, ProjectState, after_grade
from milepost.ports.bus import learner_topic
from milepost.ports.judge import GradeRequest, JudgeError
from milepost.ports.store import AttemptRow, DeadJob, JobRow, ProjectRow, Transaction
from milepost.usecases.deps import Deps
from milepost.usecases.project_view import views_of

KIND = "grade"
"""The kind of the jobs that this module does."""
DEAD = (
    "We could not grade this submission. It is our fault, and your work is kept: it can be graded "
    "once the platform's operator has mended the cause. You may also submit again."
)


class LeaseLostError(Exception):
    """Somebody else claimed the job since: whatever was found must not be written."""


@dataclass(frozen=True)
class Started:
    """An attempt that is being graded."""

    attempt: AttemptRow
    request: GradeRequest


def begin(deps: Deps, job: JobRow) -> Started | None:
    """Mark the job's attempt as running and return what the judge needs.

    None where the attempt has its grade already: then the job is done. Raises JudgeError for a
    job that names nothing, LeaseLostError.
    """
    with deps.store.transaction() as tx:
        attempt = _attempt(tx, job)
        if attempt.state is AttemptState.GRADED:
            _must(tx.jobs.finish(job.id, job.fence))
            return None
        row = tx.catalogue.project(attempt.project_id)
        if row is None:
            raise JudgeError(f"Attempt {attempt.id} is of a project that is not there.")
        courses = {course.slug: course for course in tx.catalogue.courses()}
        if attempt.state is not AttemptState.RUNNING:
            tx.attempts.set_state(attempt.id, AttemptState.RUNNING)
            _tell(tx, attempt, EventKind.ATTEMPT_STARTED, deps.now())
    request = GradeRequest(
        attempt_id=attempt.id,
        username=attempt.username,
        course=attempt.course,
        project=row.project,
        isolation=courses[attempt.course].isolation,
        archive=deps.blobs.get(attempt.sha256),
        submitted_at=attempt.submitted_at.isoformat(),
    )
    deps.bus.ring(learner_topic(attempt.username))
    return Started(attempt, request)


def record(deps: Deps, job: JobRow, outcome: Outcome) -> bool:
    """Write the grade, the progress that follows, the events, and the end of the job: all or none.

    Returns False, and only ends the job, where the attempt has its grade already. Raises
    LeaseLostError, with nothing written.
    """
    now = deps.now()
    with deps.store.transaction() as tx:
        _must(tx.jobs.finish(job.id, job.fence))
        attempt = _attempt(tx, job)
        recorded = tx.attempts.record(attempt.id, outcome, now)
        if recorded:
            graded = {
                "verdict": outcome.verdict.value,
                "score": outcome.percent,
                "points": outcome.points,
                "max_points": outcome.max_points,
            }
            _tell(tx, attempt, EventKind.ATTEMPT_GRADED, now, **graded)
            _raise_progress(tx, attempt, outcome.percent, now)
    deps.bus.ring(learner_topic(attempt.username))
    return recorded


def give_back(deps: Deps, job: JobRow, *, at: datetime, error: str, counted: bool = True) -> None:
    """Let the job be tried again from `at` on; `counted` says whether this was a try.

    Raises LeaseLostError.
    """
    with deps.store.transaction() as tx:
        _must(tx.jobs.retry(job.id, job.fence, at=at, error=error, counted=counted))
        attempt = tx.attempts.get(attempt_id_of(job))
        if attempt is not None and attempt.state is AttemptState.RUNNING:
            tx.attempts.set_state(attempt.id, AttemptState.QUEUED)


def give_up(deps: Deps, job: JobRow, *, error: str) -> None:
    """Set the job aside for the operator, and tell the learner. Raises LeaseLostError."""
    with deps.store.transaction() as tx:
        _must(tx.jobs.bury(job.id, job.fence, error=error))
        attempt = tx.attempts.get(attempt_id_of(job))
        if attempt is None or attempt.state is AttemptState.GRADED:
            return
        tx.attempts.set_state(attempt.id, AttemptState.DEAD, DEAD)
        _tell(tx, attempt, EventKind.ATTEMPT_DEAD, deps.now(), message=DEAD)
    deps.bus.ring(learner_topic(attempt.username))


def attempt_id_of(job: JobRow | DeadJob) -> int:
    """Return the attempt that the job is about; 0, which is no attempt's, where it names none."""
    found = job.payload.get("attempt_id")
    return found if job.kind == KIND and isinstance(found, int) else 0


def _attempt(tx: Transaction, job: JobRow) -> AttemptRow:
    attempt = tx.attempts.get(attempt_id_of(job))
    if attempt is None:
        raise JudgeError(f"Job {job.id} ({job.kind}) is of an attempt that is not there.")
    return attempt


def _must(still_ours: bool) -> None:
    if not still_ours:
        raise LeaseLostError


def _raise_progress(tx: Transaction, attempt: AttemptRow, percent: int, now: datetime) -> None:
    rows = tx.catalogue.projects(course=attempt.course)
    row = tx.catalogue.project(attempt.project_id)
    if row is None:
        raise JudgeError(f"Attempt {attempt.id} is of a project that is not there.")
    before = tx.progress.all(attempt.username)
    old = before.get(row.id, Progress())
    new = after_grade(old, percent, row.pass_percent, now)
    tx.progress.save(attempt.username, row.id, new)
    changed = {"status": new.status.value, "completion_percentage": new.completion_percentage}
    _tell(tx, attempt, EventKind.PROGRESS_CHANGED, now, **changed)
    for opened in _opened(rows, before, {**before, row.id: new}):
        data = {"project_id": opened.id, "course": opened.course, "project": opened.project.slug}
        tx.events.append(attempt.username, EventKind.PROJECT_UNLOCKED, data, at=now)


def _opened(
    rows: list[ProjectRow], before: dict[int, Progress], after: dict[int, Progress]
) -> list[ProjectRow]:
    """Return the projects that were locked and are no longer."""
    pairs = zip(views_of(rows, rows, before), views_of(rows, rows, after), strict=True)
    return [
        new.row
        for old, new in pairs
        if old.state is ProjectState.LOCKED and new.state is not ProjectState.LOCKED
    ]


def _tell(
    tx: Transaction, attempt: AttemptRow, kind: EventKind, at: datetime, **more: object
) -> None:
    data = {
        "attempt": attempt.id,
        "project_id": attempt.project_id,
        "course": attempt.course,
        "project": attempt.project,
        **more,
    }
    tx.events.append(attempt.username, kind, data, at=at)

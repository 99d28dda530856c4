"""Take in an attempt."""

from dataclasses import dataclass

from jupyterlab_milepost.archive import digest

from milepost.domain.errors import ConflictError, InvalidError, NotFoundError, TooManyError
from milepost.domain.events import EventKind
from milepost.domain.progress import after_visit
from milepost.ports.bus import JOBS, learner_topic
from milepost.ports.store import AttemptRow, Transaction
from milepost.usecases.actor import Actor
from milepost.usecases.checked_archive import checked
from milepost.usecases.deps import Deps
from milepost.usecases.grade import KIND
from milepost.usecases.project_view import ProjectView, view_by_slug

LONGEST_KEY = 200
MOST_OPEN = 5
"""How many attempts at one project a learner may have waiting or running at once: enough for an
impatient person, too few for one person to fill the queue and the disk."""


@dataclass(frozen=True)
class Accepted:
    """An attempt; `created` is False when the very same submission had been taken in before."""

    attempt: AttemptRow
    created: bool


@dataclass(frozen=True)
class Submission:
    """What is submitted: to which project, under which idempotency key, a wire archive."""

    course: str
    project: str
    key: str
    archive: bytes


def submit(deps: Deps, actor: Actor, submission: Submission) -> Accepted:
    """Store the archive, then attempt, job and event in one transaction; then wake the worker.

    The same key and content give the same attempt, however often and from however many requests
    at once. Raises NotFoundError, LockedError, InvalidError, TooLargeError, TooManyError where
    too many attempts are open, and ConflictError for a key that was used with other content.
    """
    actor.must_learn()
    if not 0 < len(submission.key) <= LONGEST_KEY:
        raise InvalidError(f"An idempotency key has 1 to {LONGEST_KEY} characters.")
    # Said before a large archive is looked into, and looked up again when it is accepted.
    with deps.store.reading() as tx:
        _, earlier = _admit(tx, actor, submission)
    if earlier is not None:
        return _once_more(earlier, digest(submission.archive))
    checked(submission.archive)
    sha256 = deps.blobs.put(submission.archive)
    try:
        accepted = _accept(deps, actor, submission, sha256)
    except ConflictError:
        # Another request may have stored the same key between our look and our insert.
        accepted = _accept(deps, actor, submission, sha256)
    if accepted.created:
        deps.bus.ring(JOBS)
        deps.bus.ring(learner_topic(actor.username))
    return accepted


def lane_of(username: str, project_id: int) -> str:
    """Return the lane in which a learner's attempts at a project are graded one by one."""
    return f"{username}:{project_id}"


def _accept(deps: Deps, actor: Actor, submission: Submission, sha256: str) -> Accepted:
    with deps.store.transaction() as tx:
        # The view reads progress, and so has the learner to itself: nobody adds while we count.
        view, earlier = _admit(tx, actor, submission)
        if earlier is None:
            attempt = _store(deps, tx, actor, view, key=submission.key, sha256=sha256)
            return Accepted(attempt, created=True)
    return _once_more(earlier, sha256)


def _once_more(earlier: AttemptRow, sha256: str) -> Accepted:
    if earlier.sha256 != sha256:
        raise ConflictError(
            "This idempotency key was used with other content: send a new key with new content."
        )
    return Accepted(earlier, created=False)


def _admit(
    tx: Transaction, actor: Actor, submission: Submission
) -> tuple[ProjectView, AttemptRow | None]:
    """Return the project, and the attempt that was made with this key before, if there is one."""
    view = _open_project(tx, actor, submission)
    earlier = tx.attempts.by_key(actor.username, view.row.id, submission.key)
    if earlier is None and tx.attempts.count_open(actor.username, view.row.id) >= MOST_OPEN:
        raise TooManyError(
            f"{MOST_OPEN} of your submissions of “{view.row.project.title}” are not graded yet: "
            "submit again when one of them is."
        )
    return view, earlier


def _open_project(tx: Transaction, actor: Actor, submission: Submission) -> ProjectView:
    view = view_by_slug(tx, actor.username, submission.course, submission.project)
    if submission.course not in actor.teaches:
        view.must_be_open()
    if tx.releases.get(view.row.id) is None:
        raise NotFoundError(f"The project {submission.project} is not released.")
    return view


def _store(
    deps: Deps, tx: Transaction, actor: Actor, view: ProjectView, *, key: str, sha256: str
) -> AttemptRow:
    now, project_id = deps.now(), view.row.id
    attempt = tx.attempts.add(
        username=actor.username, project_id=project_id, sha256=sha256, key=key, at=now
    )
    lane = lane_of(actor.username, project_id)
    tx.jobs.enqueue(KIND, {"attempt_id": attempt.id}, lane=lane, at=now)
    tx.progress.save(actor.username, project_id, after_visit(view.progress, 0, now))
    data = {
        "attempt": attempt.id,
        "project_id": project_id,
        "course": attempt.course,
        "project": attempt.project,
    }
    tx.events.append(actor.username, EventKind.ATTEMPT_ACCEPTED, data, at=now)
    return attempt

"""The database: one transaction at a time, its rows reached by subject.

Every method may be called from any thread, but a `Transaction` stays in the one that began it.
Instants are timezone-aware UTC. Lists are in the order said, and paged by the last id seen.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from milepost.domain.attempts import AttemptState, Outcome, StepResult, Verdict
from milepost.domain.catalogue import Concept, Course, Isolation, Phase, Project
from milepost.domain.events import Event, EventKind
from milepost.domain.progress import Progress


@dataclass(frozen=True)
class UserRow:
    """Somebody the Hub let in."""

    id: UUID
    username: str
    email: str | None
    created_at: datetime


@dataclass(frozen=True)
class CourseRow:
    """A course as listed."""

    id: int
    slug: str
    title: str
    description: str
    isolation: Isolation
    pass_percent: int
    phases: tuple[Phase, ...] = ()


@dataclass(frozen=True)
class ProjectRow:
    """A project as stored, with the ids of its prerequisites."""

    id: int
    course: str
    project: Project
    prerequisites: tuple[int, ...]
    pass_percent: int


@dataclass(frozen=True)
class ReleaseRow:
    """What learners get of a project: the blob `sha256` is a wire archive."""

    project_id: int
    sha256: str
    size: int
    files: int
    released_at: datetime


@dataclass(frozen=True)
class AttemptRow:
    """One submission; `sha256` names its blob, `flags` are the judge's remarks for instructors."""

    id: int
    username: str
    project_id: int
    course: str
    project: str
    sha256: str
    idempotency_key: str
    submitted_at: datetime
    state: AttemptState
    verdict: Verdict | None
    points: float | None
    max_points: float | None
    percent: int | None
    message: str
    graded_at: datetime | None
    feedback: str | None
    flags: tuple[str, ...]


@dataclass(frozen=True)
class JobRow:
    """A claimed job. `fence` rises with every claim: only the latest claim may write."""

    id: int
    kind: str
    payload: dict[str, Any]
    tries: int
    fence: int
    worker: str
    leased_until: datetime


@dataclass(frozen=True)
class DeadJob:
    """A job that was set aside, and the error of its last try."""

    id: int
    kind: str
    payload: dict[str, Any]
    tries: int
    error: str


class Users(Protocol):
    """People, as far as the Hub told us of them."""

    def ensure(self, username: str, *, at: datetime, email: str | None = None) -> UserRow:
        """Return the user, adding the row at first sight."""

    def find(self, username: str) -> UserRow | None:
        """Return the user, or None."""


class Catalogue(Protocol):
    """Courses and what is in them."""

    def put(self, course: Course, concepts: Sequence[Concept]) -> None:
        """Add or update a course, whole; a project that is gone keeps its row, unlisted.

        A concept that is not among `concepts` stays for as long as a project exercises it.
        Raises InvalidError when a phase, prerequisite, concept or related concept is not known.
        """

    def courses(self) -> list[CourseRow]:
        """Every course, by slug."""

    def projects(self, *, course: str | None = None) -> list[ProjectRow]:
        """Return the listed projects, by course and number."""

    def project(self, project_id: int) -> ProjectRow | None:
        """One project, by id, listed or not: old attempts still name it."""

    def project_by_slug(self, course: str, slug: str) -> ProjectRow | None:
        """One listed project, by course and slug."""

    def concepts(self, *, project_id: int | None = None) -> list[Concept]:
        """Concepts (with their mappings), all or those that a project exercises."""


class Releases(Protocol):
    """Which archive of a project learners get."""

    def put(self, release: ReleaseRow) -> None:
        """Release, or replace the release."""

    def get(self, project_id: int) -> ReleaseRow | None:
        """Return the current release, or None."""

    def all(self, course: str) -> list[ReleaseRow]:
        """Return the course's releases."""

    def remove(self, project_id: int) -> bool:
        """Unrelease; False when there was nothing."""


class Attempts(Protocol):
    """Submissions and their results."""

    def add(
        self, *, username: str, project_id: int, sha256: str, key: str, at: datetime
    ) -> AttemptRow:
        """Store a new attempt in state `queued`.

        Raises ConflictError when (user, project, key) exists already, NotFoundError for a user
        who was never seen.
        """

    def by_key(self, username: str, project_id: int, key: str) -> AttemptRow | None:
        """Return the attempt made with this idempotency key, or None."""

    def count_open(self, username: str, project_id: int) -> int:
        """Return how many of the learner's attempts at a project are queued or running."""

    def get(self, attempt_id: int) -> AttemptRow | None:
        """Return one attempt, or None."""

    def list(
        self,
        *,
        courses: Iterable[str] | None = None,
        project: str | None = None,
        username: str | None = None,
        latest: bool = False,
        before: int | None = None,
        limit: int = 50,
    ) -> list[AttemptRow]:
        """Return attempts, newest first.

        `latest` keeps one a learner and project; `before` is an attempt id.
        """

    def steps(self, attempt_id: int) -> tuple[StepResult, ...]:
        """Return the results per step, in the project's order; empty before grading."""

    def set_state(self, attempt_id: int, state: AttemptState, message: str = "") -> None:
        """Move an attempt on that has no grade yet."""

    def record(self, attempt_id: int, outcome: Outcome, at: datetime) -> bool:
        """Write the grade; False, and nothing changes, when the attempt is graded already."""

    def set_feedback(self, attempt_id: int, sha256: str) -> None:
        """Attach the blob that holds the instructor's feedback."""


class Jobs(Protocol):
    """The queue. The rows are the truth; the bus only wakes whoever waits."""

    def enqueue(self, kind: str, payload: dict[str, Any], *, lane: str, at: datetime) -> int:
        """Add a job. Jobs of one lane run one at a time, in order."""

    def claim(self, worker: str, *, lease_seconds: float, now: datetime) -> JobRow | None:
        """Lease the oldest job that is due and first in its lane, or whose lease has run out.

        Every claim, also one after a lease that ran out, adds one to `tries` and to `fence`.
        """

    # What a job's result touches belongs in the transaction that finishes the job: whoever gets
    # False from one of these raises, and so takes back all that the transaction did.

    def renew(self, job_id: int, fence: int, *, until: datetime) -> bool:
        """Extend a lease; False when somebody else claimed the job since."""

    def finish(self, job_id: int, fence: int) -> bool:
        """Mark as done; False when somebody else claimed the job since."""

    def retry(
        self, job_id: int, fence: int, *, at: datetime, error: str, counted: bool = True
    ) -> bool:
        """Give the job back, due at `at`; False as above.

        Not `counted`, the claim was no try: the job has as many as before.
        """

    def bury(self, job_id: int, fence: int, *, error: str) -> bool:
        """Dead-letter the job; False as above."""

    def dead(self) -> list[DeadJob]:
        """Return the jobs that were set aside, oldest first."""

    def revive(self, job_id: int, *, at: datetime) -> DeadJob | None:
        """Queue a dead job again, due at `at`, without tries; None where there is none such."""

    def ahead(self, lane: str) -> int:
        """Return how many jobs wait in front of the newest that waits in a lane; 0 for none."""

    def counts(self) -> dict[str, int]:
        """Return how many jobs are in each state: queued, running, done, dead."""


class ProgressRows(Protocol):
    """Progress of learners with projects.

    In a transaction that may write, whoever reads a learner's progress has it to themselves until
    the transaction ends, so that nothing is lost between reading a row and saving it.
    """

    def get(self, username: str, project_id: int) -> Progress:
        """Return the progress; a fresh one where there is no row."""

    def all(self, username: str) -> dict[int, Progress]:
        """Return every row of a learner, by project id."""

    def save(self, username: str, project_id: int, progress: Progress) -> None:
        """Insert or update the row."""


class Events(Protocol):
    """What happened, by learner."""

    def append(self, username: str, kind: EventKind, data: dict[str, Any], *, at: datetime) -> int:
        """Add an event and return its id."""

    def after(self, username: str, last_id: int, *, limit: int = 200) -> list[Event]:
        """Return the learner's events after `last_id`, oldest first."""

    def last_id(self, username: str) -> int:
        """Return the id of the learner's newest event, 0 where there is none."""


class Transaction(Protocol):
    """Everything inside one transaction."""

    users: Users
    catalogue: Catalogue
    releases: Releases
    attempts: Attempts
    jobs: Jobs
    progress: ProgressRows
    events: Events


class Store(Protocol):
    """The database."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction: committed when the block ends, rolled back when it raises."""

    def reading(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction that sees one moment of the database and cannot write.

        It neither waits for those who write nor keeps them waiting: take it for whatever only
        reads.
        """

    def ping(self) -> None:
        """Raise when the database does not answer or its schema is not this version's."""

    def close(self) -> None:
        """Close every connection."""

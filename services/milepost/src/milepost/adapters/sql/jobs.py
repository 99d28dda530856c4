"""The queue: leases, fences and lanes on rows."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    FromClause,
    ScalarSelect,
    Update,
    exists,
    func,
    insert,
    literal_column,
    select,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError

from milepost.adapters.sql.tables.queue import jobs
from milepost.adapters.sql.unit import Unit
from milepost.ports.store import DeadJob, JobRow

STATES = ("queued", "running", "done", "dead")

CLAIM_ROUNDS = 5
"""How often a claim looks again after another claim of the same lane came first."""

# Written out, not bound: SQLite takes a partial index only for a condition that it can read.
_QUEUED: ColumnClause[str] = literal_column("'queued'")
_CLOSED: list[ColumnClause[str]] = [literal_column("'done'"), literal_column("'dead'")]
_DEAD: ColumnClause[str] = literal_column("'dead'")
_RUNNING: ColumnClause[str] = literal_column("'running'")
_DEAD_JOB = (jobs.c.id, jobs.c.kind, jobs.c.payload, jobs.c.tries, jobs.c.error)


class SqlJobs:
    """Implements `Jobs`."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def enqueue(self, kind: str, payload: dict[str, Any], *, lane: str, at: datetime) -> int:
        """Add a job, due at once. Jobs of one lane run one at a time, in order of id."""
        job_id: int = self._unit.connection.execute(
            insert(jobs)
            .values(
                kind=kind,
                payload=payload,
                lane=lane,
                state="queued",
                tries=0,
                fence=0,
                due_at=at,
                error="",
                created_at=at,
            )
            .returning(jobs.c.id)
        ).scalar_one()
        return job_id

    def claim(self, worker: str, *, lease_seconds: float, now: datetime) -> JobRow | None:
        """Lease the oldest job that is due and first in its lane, or whose lease has run out.

        The candidate's row is locked, rows that another worker has locked are passed over, and
        the unique index on running lanes settles what remains: two workers that take two jobs of
        one lane at one moment. Whoever loses looks again.
        """
        statement = _claim(worker, now, now + timedelta(seconds=lease_seconds))
        for _ in range(CLAIM_ROUNDS):
            try:
                with self._unit.connection.begin_nested():
                    row = self._unit.connection.execute(statement).one_or_none()
            except IntegrityError:
                continue
            return None if row is None else JobRow(*row)
        return None

    def renew(self, job_id: int, fence: int, *, until: datetime) -> bool:
        """Extend a lease; False when somebody else claimed the job since."""
        return self._wrote(_held(job_id, fence).values(leased_until=until))

    def finish(self, job_id: int, fence: int) -> bool:
        """Mark as done; False when somebody else claimed the job since."""
        return self._wrote(_held(job_id, fence).values(state="done", leased_until=None))

    def retry(
        self, job_id: int, fence: int, *, at: datetime, error: str, counted: bool = True
    ) -> bool:
        """Give the job back, due at `at`; its lane waits for it. False as above.

        Not `counted`, what the claim added to the tries is taken off again.
        """
        values = {"state": "queued", "leased_until": None, "due_at": at, "error": error}
        back = _held(job_id, fence).values(values)
        return self._wrote(back if counted else back.values(tries=jobs.c.tries - 1))

    def bury(self, job_id: int, fence: int, *, error: str) -> bool:
        """Dead-letter the job; False as above."""
        return self._wrote(
            _held(job_id, fence).values(state="dead", leased_until=None, error=error)
        )

    def dead(self) -> list[DeadJob]:
        """Return the jobs that were set aside, oldest first."""
        query = select(*_DEAD_JOB).where(jobs.c.state == _DEAD).order_by(jobs.c.id)
        return [DeadJob(*row) for row in self._unit.connection.execute(query)]

    def revive(self, job_id: int, *, at: datetime) -> DeadJob | None:
        """Queue a dead job again, due at `at`, without tries; None where there is none such."""
        mine = jobs.c.id == job_id, jobs.c.state == _DEAD
        query = select(*_DEAD_JOB).where(*mine).with_for_update()
        row = self._unit.connection.execute(query).one_or_none()
        if row is None:
            return None
        self._unit.connection.execute(
            update(jobs).where(*mine).values(state="queued", tries=0, due_at=at)
        )
        return DeadJob(*row)

    def ahead(self, lane: str) -> int:
        """Return how many jobs wait in front of the newest that waits in a lane; 0 for none."""
        # "Open" says nothing new beside "queued": it is what the partial indexes are of.
        waits = _is_open(jobs), jobs.c.state == _QUEUED
        newest = select(func.max(jobs.c.id)).where(*waits, jobs.c.lane == lane).scalar_subquery()
        query = select(func.count()).select_from(jobs).where(*waits, jobs.c.id < newest)
        return self._unit.connection.scalar(query) or 0

    def counts(self) -> dict[str, int]:
        """Return how many jobs are in each state: queued, running, done, dead."""
        count = select(jobs.c.state, func.count()).group_by(jobs.c.state)
        query = union_all(count.where(_is_open(jobs)), count.where(jobs.c.state.in_(_CLOSED)))
        found = {row[0]: row[1] for row in self._unit.connection.execute(query)}
        return {state: found.get(state, 0) for state in STATES}

    def _wrote(self, statement: Update) -> bool:
        return self._unit.connection.execute(statement).rowcount == 1


def _held(job_id: int, fence: int) -> Update:
    return update(jobs).where(jobs.c.id == job_id, jobs.c.fence == fence, jobs.c.state == _RUNNING)


def _claim(worker: str, now: datetime, until: datetime) -> Update:
    return (
        update(jobs)
        .where(jobs.c.id == _candidate(now))
        .values(
            state="running",
            worker=worker,
            tries=jobs.c.tries + 1,
            fence=jobs.c.fence + 1,
            leased_until=until,
        )
        .returning(
            jobs.c.id,
            jobs.c.kind,
            jobs.c.payload,
            jobs.c.tries,
            jobs.c.fence,
            jobs.c.worker,
            jobs.c.leased_until,
        )
    )


def _candidate(now: datetime) -> ScalarSelect[int]:
    waiting, other = jobs.alias("waiting"), jobs.alias("other")
    # A queued job has no lease: it is ready when due, a running one when its lease is over.
    ready_at = func.coalesce(waiting.c.leased_until, waiting.c.due_at)
    earlier = exists().where(
        other.c.lane == waiting.c.lane, _is_open(other), other.c.id < waiting.c.id
    )
    running = exists().where(
        other.c.lane == waiting.c.lane, other.c.state == _RUNNING, other.c.id != waiting.c.id
    )
    return (
        select(waiting.c.id)
        .where(_is_open(waiting), ready_at <= now, ~earlier, ~running)
        .order_by(waiting.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=waiting)
        .scalar_subquery()
    )


def _is_open(table: FromClause) -> ColumnElement[bool]:
    return table.c.state.in_([_QUEUED, _RUNNING])

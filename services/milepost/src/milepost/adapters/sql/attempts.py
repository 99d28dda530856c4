"""Submissions."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, exists, func, select, update

from milepost.adapters.sql import results
from milepost.adapters.sql.tables.attempts import attempts
from milepost.adapters.sql.tables.catalogue import courses as course_rows
from milepost.adapters.sql.tables.catalogue import projects
from milepost.adapters.sql.tables.people import users
from milepost.adapters.sql.unit import Unit
from milepost.domain.attempts import AttemptState, Outcome, StepResult, Verdict
from milepost.domain.errors import ConflictError
from milepost.ports.store import AttemptRow


class SqlAttempts:
    """Implements `Attempts`."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def add(
        self, *, username: str, project_id: int, sha256: str, key: str, at: datetime
    ) -> AttemptRow:
        """Store a new attempt in state `queued`.

        The learner is locked first, so that attempts, and the jobs enqueued with them, have ids
        in the order in which they become visible. Raises ConflictError, NotFoundError.
        """
        insert = self._unit.insert(attempts).values(
            user_id=self._unit.locked_learner(username),
            project_id=project_id,
            sha256=sha256,
            idempotency_key=key,
            submitted_at=at,
            state=AttemptState.QUEUED.value,
            message="",
        )
        # Not a caught IntegrityError: PostgreSQL would refuse the rest of the transaction.
        added = insert.on_conflict_do_nothing().returning(attempts.c.id)
        attempt_id = self._unit.connection.scalar(added)
        stored = None if attempt_id is None else self.get(attempt_id)
        if stored is None:
            raise ConflictError("There is an attempt with this idempotency key already.")
        return stored

    def by_key(self, username: str, project_id: int, key: str) -> AttemptRow | None:
        """Return the attempt made with this idempotency key, or None."""
        return self._one(
            _attempts().where(
                users.c.username == username,
                attempts.c.project_id == project_id,
                attempts.c.idempotency_key == key,
            )
        )

    def count_open(self, username: str, project_id: int) -> int:
        """Return how many of the learner's attempts at a project are queued or running."""
        query = (
            select(func.count())
            .select_from(attempts)
            .join(users, users.c.id == attempts.c.user_id)
            .where(
                users.c.username == username,
                attempts.c.project_id == project_id,
                attempts.c.state.in_([AttemptState.QUEUED.value, AttemptState.RUNNING.value]),
            )
        )
        return self._unit.connection.scalar(query) or 0

    def get(self, attempt_id: int) -> AttemptRow | None:
        """Return one attempt, or None."""
        return self._one(_attempts().where(attempts.c.id == attempt_id))

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

        `courses` and `project` are slugs, `latest` keeps one a learner and project, `before` is
        an attempt id.
        """
        query = _attempts()
        if courses is not None:
            query = query.where(course_rows.c.slug.in_(sorted(courses)))
        if project is not None:
            query = query.where(projects.c.slug == project)
        if username is not None:
            query = query.where(users.c.username == username)
        if latest:
            query = query.where(~_newer())
        if before is not None:
            query = query.where(attempts.c.id < before)
        rows = self._unit.connection.execute(query.order_by(attempts.c.id.desc()).limit(limit))
        return [_attempt(row) for row in rows]

    def steps(self, attempt_id: int) -> tuple[StepResult, ...]:
        """Return the results per step, in the project's order; empty before grading."""
        return results.of_attempt(self._unit.connection, attempt_id)

    def set_state(self, attempt_id: int, state: AttemptState, message: str = "") -> None:
        """Move an attempt on that has no grade yet."""
        self._unit.connection.execute(
            update(attempts)
            .where(*_ungraded(attempt_id))
            .values(state=state.value, message=message)
        )

    def record(self, attempt_id: int, outcome: Outcome, at: datetime) -> bool:
        """Write the grade; False, and nothing changes, when the attempt is graded already."""
        grade = {
            "state": AttemptState.GRADED.value,
            "verdict": outcome.verdict.value,
            "points": outcome.points,
            "max_points": outcome.max_points,
            "percent": outcome.percent,
            "message": outcome.message,
            "graded_at": at,
            "tests_digest": outcome.tests_digest,
            "sandbox_digest": outcome.sandbox_digest,
            "seconds": outcome.seconds,
            "flags": outcome.flags,
        }
        statement = update(attempts).where(*_ungraded(attempt_id)).values(grade)
        if self._unit.connection.execute(statement).rowcount == 0:
            return False
        results.add(self._unit.connection, attempt_id, outcome.steps)
        return True

    def set_feedback(self, attempt_id: int, sha256: str) -> None:
        """Attach the blob that holds the instructor's feedback."""
        self._unit.connection.execute(
            update(attempts).where(attempts.c.id == attempt_id).values(feedback=sha256)
        )

    def _one(self, query: Select[tuple[object, ...]]) -> AttemptRow | None:
        row = self._unit.connection.execute(query).one_or_none()
        return None if row is None else _attempt(row)


def _ungraded(attempt_id: int) -> tuple[ColumnElement[bool], ...]:
    return attempts.c.id == attempt_id, attempts.c.state != AttemptState.GRADED.value


def _newer() -> ColumnElement[bool]:
    other = attempts.alias("newer")
    return exists().where(
        other.c.user_id == attempts.c.user_id,
        other.c.project_id == attempts.c.project_id,
        other.c.id > attempts.c.id,
    )


def _attempts() -> Select[tuple[object, ...]]:
    return (
        select(
            attempts,
            users.c.username,
            course_rows.c.slug.label("course"),
            projects.c.slug.label("project"),
        )
        .join(users, users.c.id == attempts.c.user_id)
        .join(projects, projects.c.id == attempts.c.project_id)
        .join(course_rows, course_rows.c.id == projects.c.course_id)
    )


def _attempt(row: Row[tuple[object, ...]]) -> AttemptRow:
    return AttemptRow(
        id=row.id,
        username=row.username,
        project_id=row.project_id,
        course=row.course,
        project=row.project,
        sha256=row.sha256,
        idempotency_key=row.idempotency_key,
        submitted_at=row.submitted_at,
        state=AttemptState(row.state),
        verdict=None if row.verdict is None else Verdict(row.verdict),
        points=row.points,
        max_points=row.max_points,
        percent=row.percent,
        message=row.message,
        graded_at=row.graded_at,
        feedback=row.feedback,
        flags=tuple(row.flags or ()),
    )

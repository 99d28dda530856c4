"""Progress of learners with projects."""

from dataclasses import asdict

from sqlalchemy import Row, Select, insert, select, update

from milepost.adapters.sql.tables.people import user_progress, users
from milepost.adapters.sql.unit import Unit
from milepost.domain.progress import Progress, Status


class SqlProgressRows:
    """Implements `ProgressRows`."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def get(self, username: str, project_id: int) -> Progress:
        """Return the progress; a fresh one where there is no row."""
        query = self._of(username).where(user_progress.c.project_id == project_id)
        row = self._unit.connection.execute(query).one_or_none()
        return Progress() if row is None else _progress(row)

    def all(self, username: str) -> dict[int, Progress]:
        """Return every row of a learner, by project id."""
        rows = self._unit.connection.execute(self._of(username))
        return {row.project_id: _progress(row) for row in rows}

    def save(self, username: str, project_id: int, progress: Progress) -> None:
        """Insert or update the row."""
        # No ON CONFLICT: PostgreSQL would draw a new id each time, and the learner is ours anyway.
        learner = self._unit.locked_learner(username)
        values = asdict(progress)
        written = self._unit.connection.execute(
            update(user_progress)
            .where(user_progress.c.user_id == learner, user_progress.c.project_id == project_id)
            .values(values)
        )
        if written.rowcount == 0:
            self._unit.connection.execute(
                insert(user_progress).values(user_id=learner, project_id=project_id, **values)
            )

    def _of(self, username: str) -> Select[tuple[object, ...]]:
        if self._unit.writes:
            self._unit.lock_learner(username)
        return (
            select(user_progress)
            .join(users, users.c.id == user_progress.c.user_id)
            .where(users.c.username == username)
        )


def _progress(row: Row[tuple[object, ...]]) -> Progress:
    return Progress(
        Status(row.status),
        row.completion_percentage,
        row.time_spent,
        row.attempts,
        row.last_accessed,
        row.completed_at,
    )

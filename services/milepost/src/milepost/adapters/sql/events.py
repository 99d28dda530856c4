"""What happened, by learner."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from milepost.adapters.sql.tables.people import events, users
from milepost.adapters.sql.unit import Unit
from milepost.domain.events import Event, EventKind


class SqlEvents:
    """Implements `Events`."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def append(self, username: str, kind: EventKind, data: dict[str, Any], *, at: datetime) -> int:
        """Add an event and return its id. Raises NotFoundError for a user who was never seen.

        The learner is locked before the id is drawn: a reader that has seen an id has seen every
        lower one of this learner, or never will.
        """
        learner = self._unit.locked_learner(username)
        event_id: int = self._unit.connection.execute(
            insert(events)
            .values(user_id=learner, kind=kind.value, at=at, data=data)
            .returning(events.c.id)
        ).scalar_one()
        return event_id

    def after(self, username: str, last_id: int, *, limit: int = 200) -> list[Event]:
        """Return the learner's events after `last_id`, oldest first."""
        query = (
            select(events)
            .join(users, users.c.id == events.c.user_id)
            .where(users.c.username == username, events.c.id > last_id)
            .order_by(events.c.id)
            .limit(limit)
        )
        return [
            Event(row.id, username, EventKind(row.kind), row.at, row.data)
            for row in self._unit.connection.execute(query)
        ]

    def last_id(self, username: str) -> int:
        """Return the id of the learner's newest event, 0 where there is none."""
        query = (
            select(func.max(events.c.id))
            .join(users, users.c.id == events.c.user_id)
            .where(users.c.username == username)
        )
        return self._unit.connection.scalar(query) or 0

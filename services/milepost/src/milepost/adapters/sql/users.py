"""People, as far as the Hub told us of them."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import Row, select, update

from milepost.adapters.sql.tables.people import users
from milepost.adapters.sql.unit import Unit
from milepost.domain.errors import NotFoundError
from milepost.ports.store import UserRow


class SqlUsers:
    """Implements `Users`."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def ensure(self, username: str, *, at: datetime, email: str | None = None) -> UserRow:
        """Return the user, adding the row at first sight; an e-mail address that is new is kept."""
        found = self.find(username)
        if found is None:
            self._add(username, email, at)
        elif email is not None and found.email != email:
            self._unit.connection.execute(
                update(users).where(users.c.username == username).values(email=email, updated_at=at)
            )
        else:
            return found
        stored = self.find(username)
        if stored is None:
            raise NotFoundError(f"The user {username} could not be stored.")
        return stored

    def find(self, username: str) -> UserRow | None:
        """Return the user, or None."""
        query = select(users).where(users.c.username == username)
        row = self._unit.connection.execute(query).one_or_none()
        return None if row is None else _user(row)

    def _add(self, username: str, email: str | None, at: datetime) -> None:
        # Two requests of a new user may come at once: the second finds the first one's row.
        self._unit.connection.execute(
            self._unit.insert(users)
            .values(id=uuid4(), username=username, email=email, created_at=at, updated_at=at)
            .on_conflict_do_nothing()
        )


def _user(row: Row[tuple[object, ...]]) -> UserRow:
    return UserRow(row.id, row.username, row.email, row.created_at)

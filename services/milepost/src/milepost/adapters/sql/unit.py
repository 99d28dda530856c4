"""What the subjects of one transaction share: connection, cache, and whom it has locked."""

from uuid import UUID

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from milepost.adapters.sql.tables.people import users
from milepost.domain.errors import NotFoundError
from milepost.ports.store import ProjectRow

Revisions = frozenset[tuple[int, UUID]]


class Cache:
    """What transactions leave for later ones: the listed projects, by the courses' revisions."""

    def __init__(self) -> None:
        self._kept: tuple[Revisions, tuple[ProjectRow, ...]] | None = None

    def projects(self, revisions: Revisions) -> tuple[ProjectRow, ...] | None:
        """Return the projects of just these revisions, or None."""
        kept = self._kept
        return kept[1] if kept is not None and kept[0] == revisions else None

    def keep(self, revisions: Revisions, rows: tuple[ProjectRow, ...]) -> None:
        """Keep the projects of these revisions, in place of those of others."""
        self._kept = revisions, rows


class Unit:
    """One transaction on one connection."""

    def __init__(self, connection: Connection, cache: Cache, *, writes: bool) -> None:
        self.connection = connection
        self.cache = cache
        self.writes = writes
        self._locked: dict[str, UUID] = {}

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Return an insert that can say what happens on conflict."""
        if self.connection.dialect.name == "postgresql":
            return postgresql.insert(table)
        return sqlite.insert(table)

    def lock_learner(self, username: str) -> UUID | None:
        """Have a learner to oneself until the transaction ends; None when nobody is so called.

        Whatever is read and then written of one learner, and whatever is told in order of id
        (events, attempts), goes through here first: ids then become visible in their order. A
        transaction that concerns several learners takes them in order of username. On SQLite the
        write lock, taken at the transaction's begin, does all of this.
        """
        if username not in self._locked:
            locked = select(users.c.id).where(users.c.username == username)
            # Not FOR UPDATE: rows that only refer to the user need not wait.
            found = self.connection.scalar(locked.with_for_update(key_share=True))
            if found is None:
                return None
            self._locked[username] = found
        return self._locked[username]

    def locked_learner(self, username: str) -> UUID:
        """Do as `lock_learner`. Raises NotFoundError where nobody is so called."""
        found = self.lock_learner(username)
        if found is None:
            raise NotFoundError(f"Nobody called {username} has signed in yet.")
        return found

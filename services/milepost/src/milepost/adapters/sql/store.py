"""The store: transactions on SQLite or PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from milepost.adapters.sql import schema
from milepost.adapters.sql.attempts import SqlAttempts
from milepost.adapters.sql.catalogue import SqlCatalogue
from milepost.adapters.sql.engine import open_engines
from milepost.adapters.sql.events import SqlEvents
from milepost.adapters.sql.jobs import SqlJobs
from milepost.adapters.sql.progress import SqlProgressRows
from milepost.adapters.sql.releases import SqlReleases
from milepost.adapters.sql.unit import Cache, Unit
from milepost.adapters.sql.users import SqlUsers
from milepost.ports.store import (
    Attempts,
    Catalogue,
    Events,
    Jobs,
    ProgressRows,
    Releases,
    Transaction,
    Users,
)


class SqlTransaction:
    """The rows, by subject, on one connection."""

    def __init__(self, connection: Connection, cache: Cache, *, writes: bool) -> None:
        unit = Unit(connection, cache, writes=writes)
        self.users: Users = SqlUsers(unit)
        self.catalogue: Catalogue = SqlCatalogue(unit)
        self.releases: Releases = SqlReleases(unit)
        self.attempts: Attempts = SqlAttempts(unit)
        self.jobs: Jobs = SqlJobs(unit)
        self.progress: ProgressRows = SqlProgressRows(unit)
        self.events: Events = SqlEvents(unit)


class SqlStore:
    """The store on the database of `url`, whose schema `milepost.adapters.sql.migrate` made.

    `sqlite:////path/to/file` or `postgresql+psycopg2://…` (`postgresql://` means the same).
    Construct it after any fork: connections do not cross into child processes. Raises
    DatabaseUrlError.
    """

    def __init__(self, url: str) -> None:
        self._engines = open_engines(url)
        self._cache = Cache()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Begin a transaction: committed when the block ends, rolled back when it raises.

        On SQLite writers come one at a time, across processes: keep slow work outside.
        """
        with self._engines.writing.begin() as connection:
            yield SqlTransaction(connection, self._cache, writes=True)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Begin a transaction that sees one moment of the database and cannot write."""
        with self._engines.reading.begin() as connection:
            yield SqlTransaction(connection, self._cache, writes=False)

    def ping(self) -> None:
        """Raise when the database does not answer, SchemaError when its schema is not ours."""
        with self._engines.reading.begin() as connection:
            schema.check(connection)

    def close(self) -> None:
        """Close every connection."""
        self._engines.dispose()

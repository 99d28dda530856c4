"""Engines: how each database is opened, once for writing and once for reading."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url

BUSY_SECONDS = 30
"""How long a writer waits for its turn on SQLite, and a connection for a place in the pool."""

_POSTGRES = {"postgres", "postgresql"}


class DatabaseUrlError(ValueError):
    """A database URL that Milepost cannot use; the message says what it may be."""


@dataclass(frozen=True)
class Engines:
    """Two ways into one database: `reading` cannot write, and waits for nobody who does."""

    writing: Engine
    reading: Engine

    def dispose(self) -> None:
        """Close every connection."""
        self.writing.dispose()
        self.reading.dispose()


def database_url(url: str) -> URL:
    """Return the URL with its driver. Raises DatabaseUrlError.

    SQLAlchemy 2.1 takes psycopg 3 for `postgresql://`; Milepost ships psycopg2.
    """
    parsed = make_url(url)
    if parsed.drivername in _POSTGRES:
        return parsed.set(drivername="postgresql+psycopg2")
    if parsed.drivername == "postgresql+psycopg2":
        return parsed
    if parsed.get_backend_name() != "sqlite":
        raise DatabaseUrlError(
            f"Milepost keeps its data in SQLite or PostgreSQL, not in {parsed.drivername}: "
            "use sqlite:////path/to/file or postgresql+psycopg2://user@host/name."
        )
    if parsed.database in {None, "", ":memory:"} or parsed.query.get("mode") == "memory":
        raise DatabaseUrlError("A SQLite URL must name a file: sqlite:////path/to/file.")
    return parsed


def open_engines(url: str) -> Engines:
    """Open a database; nothing connects before the first use. Raises DatabaseUrlError."""
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite":
        # One connection writes: threads then wait their turn in the pool, which wakes them at
        # once, and not in SQLite's busy handler, which sleeps.
        writing = sqlite_engine(parsed, begin="BEGIN IMMEDIATE", pool_size=1, max_overflow=0)
        reading = sqlite_engine(parsed, begin="BEGIN", pool_size=5, max_overflow=10)
        event.listen(reading, "connect", _only_query)
        return Engines(writing, reading)
    writing = postgres_engine(parsed)
    reading = writing.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Engines(writing, reading)


def postgres_engine(url: URL) -> Engine:
    """Return an engine for PostgreSQL, whose connections are tried before use."""
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=10,
        pool_timeout=BUSY_SECONDS,
        connect_args={"connect_timeout": 10, "application_name": "milepost", "keepalives_idle": 60},
    )


def sqlite_engine(url: URL, *, begin: str, foreign_keys: bool = True, **pool: int) -> Engine:
    """Return an engine for SQLite whose transactions open with `begin`.

    Python's sqlite3 would begin by itself, late and deferred: a transaction that reads first and
    writes then fails at once when another wrote between. So sqlite3 is told to begin nothing
    (`isolation_level = None`), and every transaction says `begin`, which takes the write lock at
    its start, or never.
    """
    engine = create_engine(
        url, connect_args={"timeout": BUSY_SECONDS}, pool_timeout=BUSY_SECONDS, **pool
    )

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        settings: Mapping[str, Any] = {
            "journal_mode": "WAL",
            # A receipt is a promise: what is committed survives a power cut as well.
            "synchronous": "FULL",
            "foreign_keys": int(foreign_keys),
        }
        for name, value in settings.items():
            connection.execute(f"PRAGMA {name}={value}")

    def say_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", say_begin)
    return engine


def _only_query(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA query_only=1")

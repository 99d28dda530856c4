"""Bring a database's schema to this Milepost's version, or say how it differs."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, func, select
from sqlalchemy.engine import URL

from milepost.adapters.sql import schema
from milepost.adapters.sql.engine import database_url, open_engines, postgres_engine, sqlite_engine
from milepost.adapters.sql.schema import SchemaError

__all__ = ["SchemaError", "check", "upgrade"]

_UPGRADE_LOCK = 7_201_001
"""PostgreSQL's advisory lock of whoever upgrades."""


def check(url: str) -> None:
    """Raise SchemaError, saying what to do, unless the schema is this Milepost's.

    Raises DatabaseUrlError for a URL that cannot be used.
    """
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists():
        raise SchemaError("The database is empty: run `milepost upgrade`.")
    engines = open_engines(url)
    try:
        with engines.reading.begin() as connection:
            schema.check(connection)
    finally:
        engines.dispose()


def upgrade(url: str) -> None:
    """Bring the schema to this Milepost's version, in one transaction, one upgrade at a time.

    A SQLite database that is to change is copied beside itself first
    (`milepost.sqlite.before-<version>`). Raises SchemaError when a newer Milepost made the
    database, DatabaseUrlError for a URL that cannot be used.
    """
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite":
        _upgrade_sqlite(parsed)
    else:
        _upgrade_postgres(parsed)


def _upgrade_sqlite(url: URL) -> None:
    path = Path(url.database or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    # Grades are nobody else's: SQLite gives its other files the mode of this one.
    path.touch(mode=0o600)
    # Foreign keys are off while tables are rebuilt, and checked before the commit.
    engine = sqlite_engine(url, begin="BEGIN IMMEDIATE", foreign_keys=False)
    try:
        with _file_lock(path.with_name(f"{path.name}.upgrade-lock")), engine.begin() as connection:
            before = schema.version(connection)
            if before is not None and schema.is_older(before):
                _copy_aside(path, before)
            _migrate(connection, before)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise SchemaError(f"The upgrade would leave rows without their owners: {broken}")
    finally:
        engine.dispose()


def _upgrade_postgres(url: URL) -> None:
    engine = postgres_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
            _migrate(connection, schema.version(connection))
    finally:
        engine.dispose()


def _migrate(connection: Connection, found: str | None) -> None:
    if found is not None and not schema.is_older(found):
        schema.check(connection)
        return
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    path.touch(mode=0o600)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _copy_aside(path: Path, version: str) -> None:
    copy = path.with_name(f"{path.name}.before-{version}")
    unfinished = copy.with_name(f"{copy.name}.part")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(unfinished)) as target:
        source.backup(target)
    unfinished.replace(copy)

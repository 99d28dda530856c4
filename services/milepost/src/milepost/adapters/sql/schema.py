"""Which version of the schema a database holds, and which one this Milepost needs."""

from functools import cache
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaError(Exception):
    """The database's schema is not the one that this Milepost works with."""


@cache
def scripts() -> ScriptDirectory:
    """Return the migrations."""
    return ScriptDirectory(str(MIGRATIONS))


@cache
def newest() -> str:
    """Return the version that this Milepost needs."""
    head = scripts().get_current_head()
    if head is None:
        raise SchemaError(f"There are no migrations in {MIGRATIONS}: install Milepost again.")
    return head


def version(connection: Connection) -> str | None:
    """Return the version that the database holds, None before the first migration."""
    return MigrationContext.configure(connection).get_current_revision()


def is_older(revision: str) -> bool:
    """Return whether a version is one that this Milepost upgrades from."""
    known = {script.revision for script in scripts().walk_revisions()}
    return revision in known and revision != newest()


def check(connection: Connection) -> None:
    """Raise SchemaError, saying what to do, unless the schema is this Milepost's."""
    found = version(connection)
    if found == newest():
        return
    if found is None:
        raise SchemaError("The database is empty: run `milepost upgrade`.")
    if is_older(found):
        raise SchemaError(
            f"The database's schema is older ({found}) than this Milepost needs ({newest()}): "
            "run `milepost upgrade`."
        )
    raise SchemaError(
        f"The database was made by a newer Milepost (schema {found}; this one knows up to "
        f"{newest()}): install that Milepost again, or restore a backup."
    )

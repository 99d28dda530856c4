"""A store on a new, migrated database of each kind."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from milepost.adapters.sql.migrate import upgrade
from milepost.adapters.sql.store import SqlStore
from milepost.adapters.sql.tables import metadata
from sqlalchemy import create_engine

from conftest import PostgresServer

DATABASES = ["sqlite", "postgres"]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "milepost.sqlite"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_database(postgres_server: PostgresServer) -> str:
    url = postgres_server.database()
    upgrade(url)
    return url


@pytest.fixture
def postgres_store_url(postgres_database: str) -> str:
    """The URL of a PostgreSQL database of this Milepost's schema, without rows."""
    # Emptied, not made anew: a new database takes a second, and its files as long to remove.
    engine = create_engine(postgres_database)
    with engine.begin() as connection:
        names = ", ".join(metadata.tables)
        connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    engine.dispose()
    return postgres_database


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database in which there is nothing yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'milepost.sqlite'}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.database()


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database of this Milepost's schema, without rows."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "milepost.sqlite")
        return f"sqlite:///{tmp_path / 'milepost.sqlite'}"
    url: str = request.getfixturevalue("postgres_store_url")
    return url


@pytest.fixture
def open_store(url: str) -> Iterator[Callable[[], SqlStore]]:
    """Opens the database once more, as another process would."""
    opened: list[SqlStore] = []

    def open_one() -> SqlStore:
        opened.append(SqlStore(url))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], SqlStore]) -> SqlStore:
    return open_store()

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from conftest import PostgresServer, require
from services.milepost.tests.grading.support import Built, gradebook_in
from services.milepost.tests.worker.support import Site, kill


@pytest.fixture(scope="session")
def sqlite_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the built course and its gradebook, to be copied."""
    return Built(tmp_path_factory.mktemp("sqlite-course")).roots.folder


@pytest.fixture(scope="session")
def postgres_course(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """A folder with the built course, and the name of the database of its gradebook."""
    url = postgres_server.database()
    folder = tmp_path_factory.mktemp("postgres-course")
    Built(folder, url)
    return folder, str(make_url(url).database)


@pytest.fixture(params=["sqlite", "postgres"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """The URLs of a new store, and of the gradebook of a course built in `tmp_path`/home."""
    courses = tmp_path / "home" / "courses"
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_course"), courses)
        return f"sqlite:///{tmp_path}/home/milepost/milepost.sqlite", gradebook_in(courses)
    folder, gradebook = request.getfixturevalue("postgres_course")
    shutil.copytree(folder, courses)
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.database(), server.database(gradebook)


@pytest.fixture
def site(databases: tuple[str, str], tmp_path: Path) -> Iterator[Site]:
    require("bubblewrap")
    made = Site(tmp_path / "home", *databases)
    yield made
    made.close()


@pytest.fixture
def wide_site(databases: tuple[str, str], tmp_path: Path, redis_url: str) -> Iterator[Site]:
    """A site whose workers are processes of their own."""
    require("bubblewrap")
    made = Site(tmp_path / "home", *databases, redis_url=redis_url)
    yield made
    made.close()


@pytest.fixture
def start(wide_site: Site) -> Iterator[Callable[..., object]]:
    """Starts workers, and sees that none outlives the test."""
    started = []

    def one(**settings: str) -> object:
        started.append(wide_site.worker(**settings))
        return started[-1]

    yield one
    for process in started:
        kill(process)

"""Use cases on a real database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyterlab_milepost.archive import pack_files
from milepost.adapters.blobs import FolderBlobs
from milepost.adapters.bus import LocalBus
from milepost.adapters.sql import migrate
from milepost.adapters.sql.store import SqlStore
from milepost.usecases.deps import Deps
from milepost.usecases.know_user import know_user
from milepost.usecases.release import release

from services.milepost.tests.usecases.world import Clock, World
from services.milepost.tests.web.support import seed


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    url = f"sqlite:///{tmp_path / 'milepost.sqlite'}"
    migrate.upgrade(url)
    clock = Clock()
    deps = Deps(SqlStore(url), LocalBus(), FolderBlobs(tmp_path / "blobs"), clock)
    world = World(deps, clock)
    with deps.store.transaction() as tx:
        tx.catalogue.put(seed.COURSE, seed.CONCEPTS)
    for actor in (world.ada, world.ines):
        know_user(deps, actor)
    for project in seed.COURSE.projects:
        archive = pack_files({"project.ipynb": b"{}"})
        release(deps, world.ines, "backend", project.slug, archive)
    yield world
    deps.bus.close()
    deps.store.close()

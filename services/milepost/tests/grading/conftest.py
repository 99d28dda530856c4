import shutil
from pathlib import Path

import pytest
from milepost.adapters.nbgrader.judge import NbgraderJudge

from conftest import require
from services.milepost.tests.grading.support import Bench, Built, sandbox


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return Built(tmp_path_factory.mktemp("courses"))


@pytest.fixture(scope="session", params=["bubblewrap", "process"])
def bench(request: pytest.FixtureRequest, built: Built) -> Bench:
    """A judge on each backend."""
    if request.param == "bubblewrap":
        require("bubblewrap")
    return Bench(built, NbgraderJudge(built.roots, sandbox(request.param)))


@pytest.fixture(scope="session")
def contained(built: Built) -> Bench:
    """A judge whose sandbox contains what runs in it."""
    require("bubblewrap")
    return Bench(built, NbgraderJudge(built.roots, sandbox("bubblewrap")))


@pytest.fixture
def own(built: Built, tmp_path: Path) -> Bench:
    """A judge over a course that a test may break."""
    require("bubblewrap")
    shutil.copytree(built.roots.folder, tmp_path / "courses")
    copy = Built(tmp_path / "courses")
    return Bench(copy, NbgraderJudge(copy.roots, sandbox("bubblewrap")))

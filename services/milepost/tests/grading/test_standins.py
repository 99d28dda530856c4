"""Files of a learner's that are named like what the checks import."""

import shutil

import pytest
from milepost.adapters.nbgrader.judge import NbgraderJudge

from conftest import require
from services.milepost.tests.courses.support import Course
from services.milepost.tests.grading.support import (
    COURSES,
    Bench,
    Built,
    learner_python,
    passed,
    sandbox,
)

STAND_IN = b"""
class Anything:
    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self

    def __eq__(self, other):
        return True


learner = CheckFailed = Client = HTTPTransport = get = Anything()
"""


@pytest.fixture(scope="module")
def testkit(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A judge over the tiny course, its checks made with the testkit as those of real courses."""
    require("bubblewrap")
    folder = tmp_path_factory.mktemp("testkit")
    for name in ("tiny", "book"):
        shutil.copytree(COURSES / name, folder / "courses" / name)
    course, notebook = Course(folder / "courses", folder), "tiny/source/adding/project.ipynb"
    course.replace(notebook, "import sums", "from milepost_testkit import learner")
    for function in ("double", "total"):
        course.replace(notebook, f"sums.{function}(", f"learner.call('sums:{function}', ")
    built = Built(folder / "roots", courses=folder / "courses")
    settings = sandbox("bubblewrap", python=learner_python(), memory="512M", cell_seconds=20)
    return Bench(built, NbgraderJudge(built.roots, settings))


async def test_checks_made_with_the_testkit_tell_right_from_wrong(testkit: Bench) -> None:
    assert (await testkit.grade(testkit.built.solved())).percent == 100
    assert (await testkit.grade(testkit.built.released())).points == 0


@pytest.mark.parametrize("folder", [False, True])
async def test_no_stand_in_for_the_testkit_earns_a_point(testkit: Bench, folder: bool) -> None:
    names = ("milepost_testkit", "httpx", "asyncio", "json")
    place = "{}/__init__.py" if folder else "{}.py"
    files = {place.format(name): STAND_IN for name in names}
    outcome = await testkit.grade({**testkit.built.released(), **files})
    assert outcome.points == 0
    assert not any(passed(outcome).values())

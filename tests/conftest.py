"""One booted platform a profile, one browser, and people who use them, for all end-to-end tests."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext

from conftest import require
from tests.support.api import administrator
from tests.support.browser import chromium, person, screenshots
from tests.support.journey import Person
from tests.support.lab import Lab
from tests.support.platform import ROOT, Platform
from tests.support.solutions import FIRST

IMAGE = "milepost-learner:dev"
INSTRUCTOR = f"instructor-{token_hex(4)}"
SECONDS = 1200  # a first test of the docker profile builds the image


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give end-to-end tests the time that their platform needs to be built and started."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.timeout(SECONDS))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep each phase's report where fixtures can see whether the test failed."""
    report = yield
    item.stash.setdefault(REPORTS, {})[report.when] = report
    return report


REPORTS: pytest.StashKey[dict[str, pytest.TestReport]] = pytest.StashKey()


@pytest.fixture(scope="session")
def image() -> str:
    """The learner's image, built from this tree."""
    require("docker")
    done = subprocess.run(
        [ROOT / "images" / "build.sh"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return IMAGE


@pytest.fixture(scope="session", params=["embedded", "docker"])
def platform(request: pytest.FixtureRequest) -> Iterator[Platform]:
    """A platform of each profile; one at a time."""
    require("chromium")
    settings = {"MILEPOST_INSTRUCTORS": INSTRUCTOR}
    if request.param == "docker":
        request.getfixturevalue("image")
    with Platform(profile=request.param, settings=settings) as platform:
        yield platform


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    require("chromium")
    with chromium() as browser:
        yield browser


@pytest.fixture
def window(browser: Browser) -> Iterator[BrowserContext]:
    """A window that nobody has used."""
    context = person(browser)
    yield context
    context.close()


@pytest.fixture(autouse=True)
def pictures_of_a_failure(request: pytest.FixtureRequest) -> Iterator[None]:
    """Save what the browser shows when a test failed."""
    yield
    report = request.node.stash.get(REPORTS, {}).get("call")
    if report is None or not report.failed or "browser" not in request.fixturenames:
        return
    folder = Path(tempfile.mkdtemp(prefix="milepost-failed-"))
    for number, context in enumerate(request.getfixturevalue("browser").contexts):
        for path in screenshots(context, folder / str(number)):
            print(f"screenshot: {path}")  # noqa: T201


@pytest.fixture(scope="session")
def admin(platform: Platform) -> Iterator[httpx.Client]:
    """A client with the administrator's token."""
    with administrator(platform) as client:
        yield client


@pytest.fixture(scope="session")
def learner(platform: Platform, browser: Browser) -> Iterator[Person]:
    """Somebody who has signed up."""
    learner = Person(platform, person(browser))
    learner.sign_up()
    yield learner
    learner.context.close()


@pytest.fixture(scope="session")
def lab(learner: Person) -> Lab:
    """The learner's JupyterLab with the first project open."""
    return learner.open_project(learner.context.pages[0], FIRST)


@pytest.fixture(scope="session")
def instructor(platform: Platform, browser: Browser) -> Iterator[Person]:
    """The instructor, with an account."""
    instructor = Person(platform, person(browser), name=INSTRUCTOR)
    instructor.sign_up()
    yield instructor
    instructor.context.close()

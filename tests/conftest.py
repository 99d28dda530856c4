"""One booted platform a profile, one browser, and people who use them, for all end-to-end tests."""

import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext

from conftest import require
from tests.support.api import administrator
from tests.support.browser import chromium, person, screenshots
from tests.support.journey import Person
from tests.support.lab import Lab
from tests.support.platform import ROOT, Platform
from tests.support.solutions import COURSE, FIRST

IMAGE = "milepost-learner:dev"
SECONDS = 1200  # a first test of the docker profile builds the image


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give end-to-end tests the time that their platform needs to be built and started."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.timeout(SECONDS))


BROWSER: pytest.StashKey[Browser] = pytest.StashKey()
PLATFORM: pytest.StashKey[Platform] = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Add to a failure what the browser showed and what the platform logged."""
    report = yield
    if report.failed:
        stash = item.config.stash
        if BROWSER in stash:
            report.sections.append(("screenshots", "\n".join(_pictures(stash[BROWSER]))))
        if PLATFORM in stash and "platform" in getattr(item, "fixturenames", ()):
            report.sections.append(("logs", stash[PLATFORM].report("its logs")))
    return report


def _pictures(browser: Browser) -> list[str]:
    folder = Path(tempfile.mkdtemp(prefix="milepost-failed-"))
    return [
        str(path)
        for number, context in enumerate(browser.contexts)
        for path in screenshots(context, folder / str(number))
    ]


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
    if request.param == "docker":
        request.getfixturevalue("image")
    with Platform(profile=request.param) as platform:
        request.config.stash[PLATFORM] = platform
        yield platform
        del request.config.stash[PLATFORM]


@pytest.fixture(scope="session")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """Chromium."""
    require("chromium")
    with chromium() as browser:
        pytestconfig.stash[BROWSER] = browser
        yield browser
        del pytestconfig.stash[BROWSER]


@pytest.fixture
def window(browser: Browser) -> Iterator[BrowserContext]:
    """A window that nobody has used."""
    context = person(browser)
    yield context
    context.close()


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


@dataclass(frozen=True)
class Desk:
    """An instructor at work in JupyterLab."""

    instructor: Person
    lab: Lab


@pytest.fixture(scope="session")
def desk(platform: Platform, browser: Browser, admin: httpx.Client) -> Iterator[Desk]:
    """The JupyterLab of somebody whom the administrator made an instructor of the course."""
    instructor = Person(platform, person(browser))
    dashboard = instructor.sign_up()
    group = f"/hub/api/groups/formgrade-{COURSE}/users"
    admin.post(group, json={"users": [instructor.name]}).raise_for_status()
    yield Desk(instructor, instructor.open_project(dashboard, FIRST))
    instructor.context.close()

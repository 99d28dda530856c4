"""From the click to a JupyterLab with the project's notebook open, beside a bare `jupyter lab`."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as BrowserError

from tests.bench.figure import Figure
from tests.support.browser import chromium, person
from tests.support.journey import Person
from tests.support.lab import START_MILLISECONDS, wait_for_notebook
from tests.support.platform import ROOT, Platform, free_ports
from tests.support.solutions import COURSE, FIRST, project

RUNS = 5


def measure(platform: Platform, admin: httpx.Client) -> Iterator[Figure]:
    """Yield `lab_ready`."""
    ours: list[float] = []
    theirs: list[float] = []
    learner = None
    with chromium() as browser, TemporaryDirectory(prefix="milepost-bench-") as scratch:
        home = Path(scratch) / "home"
        for _ in range(RUNS):
            learner = _returning(platform, browser, learner)
            ours.append(_click_to_ready(learner))
            if not home.exists():
                shutil.copytree(platform.home / "learners" / learner.name, home)
            theirs.append(_bare(browser, home))
            _stop_server(admin, learner.name)
    yield Figure(
        "lab_ready",
        median(ours),
        "s",
        median(theirs),
        "jupyter lab, as a command",
        better="lower",
        details={"n": len(ours), "baseline_n": len(theirs)},
    )


def _returning(platform: Platform, browser: Browser, before: Person | None) -> Person:
    """Return the learner in a window with nothing cached, on the dashboard."""
    if before is None:
        learner = Person(platform, person(browser))
        learner.sign_up()
        return learner
    before.context.close()
    learner = Person(platform, person(browser), before.name, before.password)
    learner.sign_in()
    return learner


def _click_to_ready(learner: Person) -> float:
    page = learner.context.pages[0]
    begun = time.perf_counter()
    learner.open_project(page, FIRST)
    return time.perf_counter() - begun


def _stop_server(admin: httpx.Client, name: str) -> None:
    admin.delete(f"/hub/api/users/{name}/server").raise_for_status()
    end = time.monotonic() + 30
    while admin.get(f"/hub/api/users/{name}").json()["servers"]:
        if time.monotonic() > end:
            raise RuntimeError(f"the server of {name} does not stop")
        time.sleep(0.2)


def _bare(browser: Browser, home: Path) -> float:
    """Time `jupyter lab` on a copy of the learner's files, from start to the open notebook."""
    port = free_ports(1)
    context = person(browser)
    begun = time.perf_counter()
    server = _jupyter_lab(home, port)
    try:
        path = f"{COURSE}/{FIRST}/{project(FIRST)['notebook']}"
        _open(context.new_page(), f"http://127.0.0.1:{port}/lab/tree/{path}")
        return time.perf_counter() - begun
    finally:
        context.close()
        # Killed: asked to end, it may wait for one of its own threads forever.
        server.kill()
        server.wait()


def _jupyter_lab(home: Path, port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            str(ROOT / ".venv-learner" / "bin" / "jupyter"),
            "lab",
            "--no-browser",
            "--allow-root",
            f"--port={port}",
            "--ip=127.0.0.1",
            "--IdentityProvider.token=",
            f"--ServerApp.root_dir={home}",
        ],
        cwd=home,
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _open(page: Page, url: str) -> None:
    end = time.monotonic() + START_MILLISECONDS / 1000
    while True:
        try:
            page.goto(url)
            break
        except BrowserError as error:  # nothing listens yet
            if "ERR_CONNECTION_REFUSED" not in error.message or time.monotonic() > end:
                raise
            time.sleep(0.05)
    wait_for_notebook(page)

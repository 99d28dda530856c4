"""Learners and the platform's secrets, seen from a learner's terminal."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from conftest import require
from tests.support.browser import person
from tests.support.journey import Person
from tests.support.lab import Lab
from tests.support.platform import Platform
from tests.support.solutions import COURSE, FIRST

SECRET = "SquirrelsAtDawn"
ASK = """python3 - <<'END'
import os, urllib.error, urllib.request
for path in ("users", "groups", "proxy", "services", "users/admin"):
    request = urllib.request.Request(
        os.environ["JUPYTERHUB_API_URL"] + "/" + path,
        headers={"Authorization": "token " + os.environ["JUPYTERHUB_API_TOKEN"]},
    )
    try:
        print(urllib.request.urlopen(request).status)
    except urllib.error.HTTPError as error:
        print(error.code)
END"""


@pytest.fixture(scope="session")
def other_lab(platform: Platform, browser: Browser) -> Iterator[Lab]:
    """Another learner's JupyterLab, with a file in it that is nobody else's business."""
    if platform.profile == "embedded":
        require("bubblewrap")
    other = Person(platform, person(browser))
    lab = other.open_project(other.sign_up(), FIRST)
    lab.save(f"{COURSE}/{FIRST}", {"diary.txt": SECRET.encode()})
    yield lab
    other.context.close()


def test_another_learners_files_cannot_be_read(platform: Platform, lab: Lab, other_lab: Lab):
    assert SECRET in other_lab.run(f"cat ~/{COURSE}/{FIRST}/diary.txt").output
    for folder in (platform.home / "learners", "/home", "/proc/1/root", "~/..", "/"):
        ran = lab.run(f"grep -rsl --include=diary.txt {SECRET} {folder}", seconds=120)
        assert "diary.txt" not in ran.output


def test_the_platforms_own_state_cannot_be_read(platform: Platform, lab: Lab):
    for name in ("hub/admin-password", "hub/jupyterhub.sqlite", "milepost/milepost.sqlite"):
        assert (platform.home / name).is_file()
        assert lab.run(f"cat {platform.home / name}").status != 0
    ran = lab.run(f"ls {platform.home}/courses {platform.home}/hub")
    assert ran.status != 0


def test_other_peoples_processes_cannot_be_seen(lab: Lab, other_lab: Lab):
    other_lab.run("nohup sleep 54321 >/dev/null 2>&1 &")
    ran = lab.run("cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
    assert "jupyterhub-singleuser" in ran.output
    assert "54321" not in ran.output


def test_the_environment_holds_no_secret_but_the_servers_own_token(platform: Platform, lab: Lab):
    variables = lab.run("env").output
    assert platform.admin_password not in variables
    assert "CONFIGPROXY_AUTH_TOKEN" not in variables
    assert "MILEPOST_DATABASE_URL" not in variables


def test_the_servers_token_can_do_nothing_on_the_hub_but_report_activity(lab: Lab):
    ran = lab.run(ASK)
    assert set(ran.output.split()) <= {"403", "404"}, ran.output

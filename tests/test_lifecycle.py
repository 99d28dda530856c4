"""Starting, stopping, and being killed."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from conftest import require
from tests.support import processes, records, work
from tests.support.api import administrator, token_of, with_token
from tests.support.browser import person
from tests.support.journey import Person
from tests.support.platform import LAUNCHER, ROOT, Platform, free_ports
from tests.support.solutions import COURSE, FIRST, reference

SECONDS = 60


@pytest.fixture(scope="module")
def shared() -> Iterator[Platform]:
    """The folder and the ports that these tests share: every start but the first is a later one."""
    platform = Platform()
    yield platform
    platform.kill()
    platform.remove()


@pytest.fixture
def own(shared: Platform) -> Iterator[Platform]:
    """A running platform, which a test may stop or kill."""
    if shared.process is None:
        shared.start()
    yield shared
    if shared.process is not None and shared.process.poll() is not None:
        shared.kill()


@pytest.fixture
def unstarted() -> Iterator[Platform]:
    """A platform that only has its ports and its folder."""
    platform = Platform()
    yield platform
    platform.kill()
    platform.remove()


def refusal(platform: Platform) -> str:
    """Start a platform that must not start; return its one sentence."""
    done = subprocess.run(
        [LAUNCHER],
        cwd=ROOT,
        env=platform.environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


def test_ctrl_c_ends_every_process_with_a_learner_at_work(own: Platform, browser: Browser):
    learner = Person(own, person(browser))
    lab = learner.open_project(learner.sign_up(), FIRST)
    assert lab.run("nohup sleep 4321 >/dev/null 2>&1 & echo started").status == 0
    before = own.running()
    assert processes.named(before, "jupyterhub-singleuser")
    assert processes.named(before, "sleep", "4321")
    learner.context.close()
    own.stop()
    assert not processes.wait_until_gone(before, 1)


def test_after_a_kill_everything_is_still_there(own: Platform, browser: Browser):
    learner = Person(own, person(browser))
    lab = learner.open_project(learner.sign_up(), FIRST)
    learner.save_solution(lab, FIRST, {**reference(FIRST), "notes.txt": b"mine"})
    learner.submit(lab, FIRST)
    with administrator(own) as admin, with_token(own, token_of(admin, learner.name)) as client:
        work.wait_for_grade(client)
    learner.context.close()
    _kill_launcher(own)

    own.start()
    back = Person(own, person(browser), learner.name, learner.password)
    lab = back.open_project(back.sign_in(), FIRST)
    assert "notes.txt" in lab.names(f"{COURSE}/{FIRST}")
    back.context.close()
    with administrator(own) as admin, with_token(own, token_of(admin, learner.name)) as client:
        attempts = client.get("/api/v1/submissions").json()["items"]
        assert [attempt["score"] for attempt in attempts] == [100]
        progress = client.get("/api/v1/progress").json()["items"]
        reached = {one["slug"]: one["completion_percentage"] for one in progress}
        assert reached[FIRST] == 100


@pytest.mark.parametrize("moment", ["attempt.accepted", "attempt.started"])
def test_a_submission_in_flight_when_the_service_is_killed_gets_one_grade(
    own: Platform, tmp_path: Path, moment: str
):
    name = f"flighty-{moment.replace('.', '-')}"
    with administrator(own) as admin, with_token(own, token_of(admin, name)) as client:
        work.fetch(client, FIRST, tmp_path)
        work.lay_over(tmp_path, reference(FIRST))
        receipt = work.submit_until(client, FIRST, tmp_path, moment)
        _kill_service(own)
        own.wait_until_ready()
        attempt = work.wait_for_grade(client)
        assert (attempt["id"], attempt["state"], attempt["score"]) == (receipt["id"], "graded", 100)
    kinds = records.events(own, name)
    assert kinds.count("attempt.graded") == 1
    assert len(records.attempts(own, name)) == 1


def _kill_launcher(platform: Platform) -> None:
    """Kill `milepost-up` alone, as the machine's own killer would; wait until it is all gone."""
    everything = platform.running()
    assert platform.process is not None
    platform.process.kill()
    platform.process.wait()
    assert not processes.wait_until_gone(everything, 30), "processes outlive the launcher"


def _kill_service(platform: Platform) -> None:
    """Kill the service and its worker's children, at once."""
    service = processes.named(platform.running(), "/milepost", " all")
    assert service
    members = {one for process in service for one in processes.tree(process.pid)}
    for process in members:
        os.kill(process.pid, signal.SIGKILL)
    assert not processes.wait_until_gone(members, 10)


@pytest.mark.parametrize("offset", [0, 1, 2, 3, 4])
def test_a_port_in_use_is_said_in_one_sentence(unstarted: Platform, offset: int):
    with closing(socket.socket()) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", unstarted.port + offset))
        taken.listen()
        sentence = refusal(unstarted)
    assert str(unstarted.port + offset) in sentence
    assert "PORT=" in sentence


def test_a_folder_that_cannot_be_made_is_said_in_one_sentence():
    sentence = refusal(Platform(home=Path("/proc/milepost")))
    assert "/proc/milepost" in sentence
    assert "MILEPOST_HOME" in sentence


def test_a_second_platform_on_the_same_folder_is_refused(own: Platform):
    second = Platform(home=own.home, port=free_ports())
    assert str(own.home) in refusal(second)
    own.wait_until_ready(5)


def test_a_second_start_keeps_accounts_and_takes_the_same_admin_password(own: Platform):
    password = own.admin_password
    own.stop()
    begun = time.monotonic()
    own.start()
    print(f"second start: {time.monotonic() - begun:.1f} s")  # noqa: T201
    assert own.admin_password == password
    with administrator(own) as admin:
        assert admin.get("/hub/api/user").json()["admin"]


@pytest.fixture(autouse=True)
def _chromium() -> None:
    require("chromium")

"""However the platform ends, nothing is left behind and nothing is lost."""

import os
import signal
import time
from collections.abc import Callable

import pytest


def left(platform, patience: float = 25) -> dict[int, str]:
    deadline = time.monotonic() + patience
    while platform.processes() and time.monotonic() < deadline:
        time.sleep(0.2)
    return platform.processes()


def hub_of(platform) -> int:
    found = [pid for pid, line in platform.processes().items() if "-m jupyterhub -f" in line]
    assert len(found) == 1, platform.processes()
    return found[0]


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_leave_no_process(scratch_platform: Callable, sig: signal.Signals):
    platform = scratch_platform().start()
    visitor = platform.visitor()
    visitor.sign_up("ada")
    visitor.open_server("ada")
    visitor.run_python("ada", "import os; os.system('setsid sleep 1000 &')")
    assert platform.stop(sig) == 0
    assert left(platform, 5) == {}
    assert "nothing is left running" in platform.said()


def test_a_killed_launcher_takes_everything_with_it_and_loses_nothing(scratch_platform: Callable):
    platform = scratch_platform().start()
    visitor = platform.visitor()
    visitor.sign_up("ada")
    platform.stop(signal.SIGKILL)
    platform.start()
    assert visitor.get("/hub/home").url.path == "/hub/home", "the session survives"
    assert platform.visitor().sign_in("ada").status_code == 200
    platform.stop()
    assert left(platform, 5) == {}


def test_a_killed_hub_is_started_again_and_servers_go_on(scratch_platform: Callable):
    platform = scratch_platform().start()
    visitor = platform.visitor()
    visitor.sign_up("ada")
    visitor.open_server("ada")
    before = visitor.run_python("ada", "print(open('/proc/1/stat').read().split()[21])")
    os.kill(hub_of(platform), signal.SIGKILL)
    deadline = time.monotonic() + 60
    while "The Hub is back" not in platform.said():
        assert time.monotonic() < deadline, platform.said() + platform.logs()
        time.sleep(0.3)
    assert answers(visitor, "ada"), "the learner's server goes on"
    assert visitor.run_python("ada", "print(open('/proc/1/stat').read().split()[21])") == before
    platform.stop()
    assert left(platform, 5) == {}


def test_hub_and_launcher_killed_at_once_are_recovered_by_the_next_start(
    scratch_platform: Callable,
):
    platform = scratch_platform().start()
    visitor = platform.visitor()
    visitor.sign_up("ada")
    visitor.open_server("ada")
    hub = hub_of(platform)
    os.kill(platform.process.pid, signal.SIGSTOP)
    os.kill(hub, signal.SIGKILL)
    os.kill(platform.process.pid, signal.SIGKILL)
    platform.process.wait()
    platform.start()
    assert answers(visitor, "ada"), "the learner's server is found again"
    platform.stop()
    assert left(platform, 5) == {}


def answers(visitor, name: str) -> bool:
    answer = visitor.get(f"/user/{name}/lab")
    return answer.status_code == 200 and "jupyter-config-data" in answer.text


def test_a_second_start_says_who_holds_the_folder(scratch_platform: Callable):
    platform = scratch_platform().start()
    second = scratch_platform(MILEPOST_HOME=str(platform.home))
    assert second.launch().wait(60) == 1
    assert f"process {platform.process.pid}, {platform.url}" in second.said()
    assert platform.stop() == 0

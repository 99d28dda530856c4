"""Processes that end with the Hub, and services that are kept running until then."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from milepost_hub import processes, tied

# A command that says who it is and stays.
STAYS = "import os, time; print(os.getpid(), flush=True); time.sleep(1000)"


def command(log: Path, *options: str) -> list[str]:
    program = [sys.executable, "-I", "-S", tied.__file__, "--log", str(log)]
    return [*program, *options, "--", sys.executable, "-c", STAYS]


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 30 seconds"
        time.sleep(0.05)


def said(log: Path) -> list[int]:
    lines = log.read_text().splitlines() if log.exists() else []
    return [int(line) for line in lines if line.isdigit()]


def test_a_tied_command_ends_when_its_parent_is_killed(tmp_path: Path):
    log = tmp_path / "log"
    parent = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:]); time.sleep(1000)"
    starter = subprocess.Popen([sys.executable, "-c", parent, *command(log)])
    wait_for(lambda: said(log))
    (pid,) = said(log)
    born = processes.birth(pid)
    assert processes.is_alive(pid, born)
    starter.kill()
    starter.wait()
    wait_for(lambda: not processes.is_alive(pid, born))


def test_a_kept_command_is_started_again_until_it_is_told_to_stop(tmp_path: Path):
    log = tmp_path / "log"
    keeper = subprocess.Popen(command(log, "--keep"))
    wait_for(lambda: len(said(log)) == 1)
    os.kill(said(log)[0], signal.SIGKILL)
    wait_for(lambda: len(said(log)) == 2)
    last = said(log)[1]
    born = processes.birth(last)
    keeper.send_signal(signal.SIGINT)
    assert keeper.wait(30) == 0
    assert not processes.is_alive(last, born)
    assert "Starting" in log.read_text()


def test_a_stop_while_it_waits_starts_nothing_more(tmp_path: Path):
    log, runs = tmp_path / "log", tmp_path / "runs"
    start = [sys.executable, "-I", "-S", tied.__file__, "--log", str(log), "--keep", "--"]
    keeper = subprocess.Popen([*start, "/bin/sh", "-c", f"echo run >> {runs}; exit 3"])
    # After the second run it waits for three seconds.
    wait_for(lambda: log.exists() and log.read_text().count("ended with 3") == 2)
    keeper.terminate()
    assert keeper.wait(30) == 0
    assert runs.read_text().count("run") == 2


def test_a_command_whose_starter_has_ended_is_not_run(tmp_path: Path):
    log = tmp_path / "log"
    gone = subprocess.Popen(["true"])
    gone.wait()
    done = subprocess.run(command(log, "--parent", str(gone.pid)), check=False, timeout=60)
    assert done.returncode == 1
    assert said(log) == []
    assert "has ended" in log.read_text()


def test_a_watched_command_is_started_again_when_code_changes(tmp_path: Path):
    log, code = tmp_path / "log", tmp_path / "code"
    code.mkdir()
    (code / "module.py").write_text("")
    keeper = subprocess.Popen(command(log, "--keep", "--watch", str(code)))
    wait_for(lambda: len(said(log)) == 1)
    os.utime(code / "module.py", (time.time() + 5, time.time() + 5))
    wait_for(lambda: len(said(log)) == 2)
    assert "its code changed" in log.read_text()
    keeper.terminate()
    assert keeper.wait(30) == 0

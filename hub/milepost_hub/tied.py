"""Run a command that ends when the process that started it ends, however that ends.

    python -I -S tied.py --log FILE [--parent PID] [--keep [--watch FOLDER ...]] -- COMMAND ...

The Hub's proxy and services are started this way, so that `kill -9` of the Hub leaves neither
of them behind holding a port. With `--keep` a command that ends by itself is started again at
once (the Hub would look after half a minute), with `--watch` also when a file below changes.
Only the standard library is used: it starts in milliseconds.
"""

import argparse
import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

PR_SET_PDEATHSIG = 1
LOG_MODE = 0o600
WATCHED = {".py", ".html", ".css", ".js"}
CHECK_SECONDS = 0.5
LAST_SECONDS = 20
# A command that lived shorter than this is started again ever more slowly.
HEALTHY_SECONDS = 5
LONGEST_PAUSE = 10


def tie_to_parent(parent: int | None = None) -> None:
    """Have the kernel send SIGTERM to this process when its parent dies (prctl(2)).

    Ends it at once if `parent` (default: who is that now) has died before the kernel knew.
    """
    expected = os.getppid() if parent is None else parent
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != expected:
        sys.exit("The process that started this one has ended, and so does this one.")


class Keeper:
    """Starts a command again whenever it ends, until it is told to stop."""

    def __init__(self, command: list[str], watched: list[Path]) -> None:
        self._command = command
        self._watched = watched
        self._stopping = False

    def run(self) -> None:
        """Keep the command running; return after SIGTERM or SIGINT, when it has ended."""
        for sig in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sig, self._stop)
        pause = 0.0
        while self._go_on_after(pause):
            started, before = time.monotonic(), self._newest()
            tie = partial(tie_to_parent, os.getpid())
            child = subprocess.Popen(self._command, preexec_fn=tie)  # noqa: PLW1509
            while child.poll() is None and not self._stopping and self._newest() == before:
                time.sleep(CHECK_SECONDS)
            changed = child.poll() is None
            _end(child)
            short = time.monotonic() - started < HEALTHY_SECONDS and not changed
            pause = min(LONGEST_PAUSE, pause * 2 + 1) if short else 0.0
            if not self._stopping:
                why = "its code changed" if changed else f"it ended with {child.returncode}"
                print(f"Starting {self._command[0]} again: {why}", file=sys.stderr)  # noqa: T201

    def _go_on_after(self, seconds: float) -> bool:
        """Wait, and say whether to go on; a sleep itself goes on after a signal (PEP 475)."""
        end = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < end:
            time.sleep(CHECK_SECONDS)
        return not self._stopping

    def _stop(self, _signal: int, _frame: object) -> None:
        self._stopping = True

    def _newest(self) -> float:
        newest = 0.0
        for file in (file for folder in self._watched for file in folder.rglob("*")):
            # An editor may replace a file at this very moment.
            with suppress(FileNotFoundError):
                newest = max(newest, file.stat().st_mtime if file.suffix in WATCHED else 0)
        return newest


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
    try:
        child.wait(LAST_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def main() -> None:
    """Send the output to the log, tie the process to its parent and run the command."""
    parser = argparse.ArgumentParser(prog="tied.py")
    parser.add_argument("--log", required=True)
    parser.add_argument("--parent", type=int)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--watch", type=Path, action="append", default=[])
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    descriptor = os.open(given.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, LOG_MODE)
    os.dup2(descriptor, sys.stdout.fileno())
    os.dup2(descriptor, sys.stderr.fileno())
    tie_to_parent(given.parent)
    if given.keep:
        Keeper(given.command, given.watch).run()
    else:
        os.execvp(given.command[0], given.command)  # noqa: S606


if __name__ == "__main__":
    main()

"""Which processes belong to a running platform, read from /proc."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Process:
    """A process, by id and start (an id alone may be given out again)."""

    pid: int
    started: float
    command: str

    def alive(self) -> bool:
        """Whether this very process still runs (a zombie does not)."""
        try:
            found = psutil.Process(self.pid)
            return found.create_time() == self.started and found.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def __str__(self) -> str:
        return f"{self.pid} {self.command}"


def _describe(process: psutil.Process) -> Process:
    with process.oneshot():
        return Process(process.pid, process.create_time(), " ".join(process.cmdline())[:200])


def tree(pid: int) -> set[Process]:
    """Return the process and everything below it."""
    found: set[Process] = set()
    try:
        root = psutil.Process(pid)
        members = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return found
    for member in members:
        try:
            found.add(_describe(member))
        except psutil.NoSuchProcess:
            continue
    return found


def mentioning(folder: Path) -> set[Process]:
    """Return the processes whose command, environment or working directory names `folder`."""
    wanted = str(folder)
    found: set[Process] = set()
    for process in psutil.process_iter():
        try:
            named = [*process.cmdline(), *process.environ().values(), process.cwd()]
            if process.status() != psutil.STATUS_ZOMBIE and any(wanted in text for text in named):
                found.add(_describe(process))
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def named(processes: Iterable[Process], *words: str) -> list[Process]:
    """Return those of `processes` whose command holds every one of `words`."""
    return [one for one in processes if all(word in one.command for word in words)]


def wait_until_gone(processes: Iterable[Process], seconds: float) -> set[Process]:
    """Wait until none of `processes` runs; return those that still do after `seconds`."""
    end = time.monotonic() + seconds
    left = {one for one in processes if one.alive()}
    while left and time.monotonic() < end:
        time.sleep(0.1)
        left = {one for one in left if one.alive()}
    return left

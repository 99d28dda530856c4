"""Ends a sandbox whose time is up or, where there are no control groups, whose memory is."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from .backends.base import CauseOfDeath

_LOOK_EVERY = 0.05  # seconds between two looks at the memory
_PAGE = 4096


class Watchdog:
    """A thread that calls `expire` once, with the reason, unless it is stopped before."""

    def __init__(
        self,
        *,
        wall_time: float,
        expire: Callable[[CauseOfDeath], None],
        memory_exceeded: Callable[[], bool] | None = None,
    ) -> None:
        self._deadline = time.monotonic() + wall_time
        self._expire = expire
        self._memory_exceeded = memory_exceeded
        self._stop = threading.Event()
        threading.Thread(target=self._run, name="kernel-sandbox-watchdog", daemon=True).start()

    def stop(self) -> None:
        """Let the sandbox live."""
        self._stop.set()

    def _run(self) -> None:
        while True:
            left = max(0.0, self._deadline - time.monotonic())
            if self._stop.wait(min(left, _LOOK_EVERY) if self._memory_exceeded else left):
                return
            if self._memory_exceeded is not None and self._memory_exceeded():
                self._expire(CauseOfDeath.OUT_OF_MEMORY)
                return
            if time.monotonic() >= self._deadline:
                self._expire(CauseOfDeath.TIMED_OUT)
                return


def exceeds(root: int, limit: int) -> bool:
    """Tell whether process `root` and its descendants occupy more than `limit` bytes of memory.

    Counting pages in use is cheap, but takes those twice that a fork shares with its parent; so
    only when the limit seems to be exceeded are shared pages looked at and shared out.
    """
    family = list(_family(root))
    return sum(map(_used, family)) > limit and sum(map(_share, family)) > limit


def _family(root: int) -> Iterator[int]:
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        for file in Path(f"/proc/{pid}/task").glob("*/children"):
            with contextlib.suppress(OSError):  # ended while we looked
                waiting.extend(int(child) for child in file.read_text("ascii").split())


def _used(pid: int) -> int:
    try:
        _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text("ascii").split()
    except OSError:
        return 0  # ended while we looked
    return (int(resident) - int(shared)) * _PAGE


def _share(pid: int) -> int:
    """Return the bytes of `pid`, each shared page divided by the number of those who share it."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()[1:]
    except PermissionError:
        return _used(pid)
    except OSError:
        return 0
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return (kilobytes.get("Pss_Anon", 0) + kilobytes.get("Pss_Shmem", 0)) * 1024

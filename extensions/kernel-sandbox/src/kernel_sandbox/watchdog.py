"""Ends a sandbox whose time is up or, where there are no control groups, whose memory is."""

import threading
import time
from collections.abc import Callable
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


def private_memory(root: int) -> int:
    """Return the bytes of memory that process `root` and its descendants have to themselves."""
    total = 0
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        try:
            _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text("ascii").split()
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                waiting.extend(int(child) for child in children.read_text("ascii").split())
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended while we looked
        total += (int(resident) - int(shared)) * _PAGE
    return total

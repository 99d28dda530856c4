"""Sandboxes that are child processes of this one: what bubblewrap and process share."""

import contextlib
import os
import resource
import select
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence

from ..cgroups import ControlGroup
from ..limits import GIB, Limits
from ..watchdog import Watchdog, exceeds
from .base import CauseOfDeath, Sandbox

_MOST_OPEN_FILES = 4096
_KEPT_OUTPUT = 4096
_END_WITHIN = 10.0  # seconds that a killed process may take to go

_ENTER = """
groups=$1; shift
while [ "$groups" -gt 0 ]; do echo $$ > "$1" || exit 125; shift; groups=$((groups - 1)); done
exec "$@"
"""


def entering(group: ControlGroup | None, command: Sequence[str]) -> list[str]:
    """Return `command`, wrapped so that it enters `group` before anything else runs."""
    if group is None:
        return list(command)
    entrances = [str(path) for path in group.entrances]
    return ["/bin/sh", "-c", _ENTER, "sh", str(len(entrances)), *entrances, *command]


def resource_limits(limits: Limits, group: ControlGroup | None, *, own_user: bool) -> list[str]:
    """Return the prlimit command to stand before the kernel's.

    The number of processes is limited per user, which only makes sense where the sandbox has
    a user of its own. The address space is limited only where no control group
    limits the memory, because programs reserve far more of it than they use.
    """
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most_files == resource.RLIM_INFINITY:
        most_files = _MOST_OPEN_FILES
    settings = {
        "core": 0,
        "fsize": limits.disk,
        "nofile": min(most_files, _MOST_OPEN_FILES),
    }
    if own_user:
        settings["nproc"] = limits.processes
    if group is None:
        settings["as"] = limits.memory + 4 * GIB
    return ["prlimit", *(f"--{name}={value}" for name, value in settings.items()), "--"]


class LocalSandbox(Sandbox):
    """A process, what it started, and the control group around them."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        limits: Limits,
        group: ControlGroup | None,
        *,
        kernel: Callable[[], int | None],
        init: int | None = None,
    ) -> None:
        """`kernel` finds the kernel's process, as a pidfd; `init` is the first process inside.

        `init` is a pidfd too, of a process with which all others inside end.
        """
        self._process = process
        self._group = group
        self._find_kernel = kernel
        self._init = init
        self._lock = threading.RLock()
        self._cause = CauseOfDeath.RUNNING
        self._watchdog = Watchdog(
            wall_time=limits.wall_time,
            expire=self.kill,
            memory_exceeded=None
            if group
            else lambda: process.returncode is None and exceeds(process.pid, limits.memory),
        )

    @property
    def cause_of_death(self) -> CauseOfDeath:
        """See Sandbox."""
        self.poll()
        return self._cause

    def poll(self) -> int | None:
        """See Sandbox."""
        with self._lock:
            status = self._process.poll()
            if status is None:
                return None
            if self._cause is CauseOfDeath.RUNNING:
                starved = self._group is not None and self._group.out_of_memory()
                self._cause = CauseOfDeath.OUT_OF_MEMORY if starved else CauseOfDeath.EXITED
            return status if status >= 0 else 128 - status

    def signal(self, number: int) -> None:
        """See Sandbox."""
        with self._lock:
            kernel = self._find_kernel() if self.poll() is None else None
            if kernel is None:
                return
            try:
                signal.pidfd_send_signal(kernel, number)
            except ProcessLookupError:
                return  # it ended by itself in the meantime
            finally:
                os.close(kernel)

    def kill(self, cause: CauseOfDeath = CauseOfDeath.KILLED) -> None:
        """See Sandbox."""
        with self._lock:
            self._watchdog.stop()
            if self.poll() is None:
                self._process.kill()
                if self._process.wait(_END_WITHIN) == -signal.SIGKILL:
                    self._cause = cause
            self._end_descendants()
            self.poll()

    def _end_descendants(self) -> None:
        if self._init is not None:
            select.select([self._init], [], [], _END_WITHIN)  # readable when it has ended
            return
        with contextlib.suppress(ProcessLookupError):  # nobody is left in its session
            os.killpg(self._process.pid, signal.SIGKILL)
        for pid in self._group.processes() if self._group else ():
            with contextlib.suppress(ProcessLookupError):  # it ended by itself
                os.kill(pid, signal.SIGKILL)

    def kernel_is_ready(self) -> None:
        """See Sandbox."""
        # The pipe stays open: closed, it would break what the kernel still says while it starts.

    def close_output(self) -> str:
        """See Sandbox."""
        stream = self._process.stderr
        if stream is None or stream.closed:
            return ""
        os.set_blocking(stream.fileno(), False)
        said = stream.read() or b""
        stream.close()
        return said[-_KEPT_OUTPUT:].decode(errors="replace").strip()

    def destroy(self) -> None:
        """See Sandbox."""
        with self._lock:
            self.kill()
            self.close_output()
            if self._group is not None:
                self._group.remove()
                self._group = None
            if self._init is not None:
                os.close(self._init)
                self._init = None

"""Who a sandbox belongs to: this very process, named so that others can tell when it is gone.

Everything a sandbox needs on the host lies in `<runtime folder>/ks-<owner>/<sandbox>/`, and
containers and control groups carry the same names. So whoever outlives the owner can sweep
up after it (see `reaper`).
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

PREFIX = "ks-"


@dataclass(frozen=True, slots=True)
class Owner:
    """A process, told apart from every other one, also across reboots and pid namespaces."""

    boot: str
    namespace: str
    pid: int
    started: int

    def __str__(self) -> str:
        return f"{self.boot}-{self.namespace}-{self.pid}-{self.started}"

    @classmethod
    def me(cls) -> "Owner":
        """Return the owner that stands for the calling process."""
        pid = os.getpid()
        started = _start_time(pid)
        if started is None:
            raise OSError("/proc must be mounted: kernel-sandbox reads its own start time there.")
        return cls(_boot(), _namespace(), pid, started)

    @classmethod
    def parse(cls, text: str) -> "Owner | None":
        """Return the owner whose str() is `text`, or None where it is not one."""
        match = re.fullmatch(r"([0-9a-f]{8})-([0-9]+)-([0-9]+)-([0-9]+)", text, re.ASCII)
        return cls(match[1], match[2], int(match[3]), int(match[4])) if match else None

    def is_gone(self) -> bool:
        """Tell whether the process has surely ended.

        A process of another pid namespace cannot be judged from here: it counts as alive.
        """
        if self.boot != _boot():
            return True
        return self.namespace == _namespace() and _start_time(self.pid) != self.started

    def folder(self, runtime: Path) -> Path:
        """Return the folder below `runtime` that holds this owner's sandboxes."""
        return runtime / f"{PREFIX}{self}"


def owners(runtime: Path) -> list[Owner]:
    """Return the owners that have a folder below `runtime`."""
    found = (Owner.parse(path.name.removeprefix(PREFIX)) for path in runtime.glob(f"{PREFIX}*"))
    return [owner for owner in found if owner is not None]


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]


def _namespace() -> str:
    return str(Path("/proc/self/ns/pid").stat().st_ino)


def _start_time(pid: int) -> int | None:
    """Return when `pid` was started, in clock ticks since boot; None if it is no more."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *fields = text.rpartition(")")[2].split()  # the name before it may hold anything
    return None if state in "ZX" else int(fields[18])

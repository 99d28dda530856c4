"""Looking at processes through /proc, safely against process ids that are used again."""

import os
import signal
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
STATE, PARENT, STARTED = 0, 1, 19


def _stat(pid: int) -> list[str] | None:
    """Fields of /proc/PID/stat after the command's name (proc(5)); None if it is gone."""
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()


def birth(pid: int) -> str:
    """Return what no other process with this id ever has: boot and start time. Empty if gone."""
    fields = _stat(pid)
    if fields is None or fields[STATE] in {"Z", "X"}:
        return ""
    boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}:{fields[STARTED]}"


def is_alive(pid: int, born: str) -> bool:
    """Whether the very process that `birth` was asked about still runs."""
    return bool(pid and born) and birth(pid) == born


def descendants(pid: int) -> list[int]:
    """Children of a process, their children and so on, nearest first."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))) is not None:
            children.setdefault(int(fields[PARENT]), []).append(int(entry.name))
    found: list[int] = []
    layer = children.get(pid, [])
    while layer:
        found.extend(layer)
        layer = [grandchild for child in layer for grandchild in children.get(child, [])]
    return found


def send(pid: int, sig: signal.Signals) -> None:
    """Send a signal; a process that has already gone is fine."""
    with suppress(ProcessLookupError):
        os.kill(pid, sig)


def dead_children(pid: int) -> list[int]:
    """Children of a process that have ended and wait to be buried."""
    found = []
    for entry in PROC.iterdir():
        fields = _stat(int(entry.name)) if entry.name.isdigit() else None
        if fields is not None and int(fields[PARENT]) == pid and fields[STATE] == "Z":
            found.append(int(entry.name))
    return found

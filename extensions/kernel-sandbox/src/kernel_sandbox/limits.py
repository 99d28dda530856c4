"""How much of the machine one sandbox may use."""

import math
import re
from dataclasses import dataclass

from .errors import LimitError

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

_UNITS = {"": 1, "K": KIB, "M": MIB, "G": GIB}


def parse_bytes(text: str) -> int:
    """Return the number of bytes that `text` says, such as "512M", "2G" or "1048576".

    Raises LimitError for anything else.
    """
    match = re.fullmatch(r"([0-9]{1,15})([KMG]?)(?:i?B)?", text.strip(), re.IGNORECASE | re.ASCII)
    if match is None:
        raise LimitError(f"{text!r} is not a number of bytes; write for example 536870912 or 512M.")
    return int(match[1]) * _UNITS[match[2].upper()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one sandbox; every field is checked when the object is made.

    Files in the sandbox lie in memory, so they count towards `memory` as well as `disk`.
    Raises LimitError for values outside the ranges below or of another type.
    """

    memory: int = 512 * MIB
    """Bytes that all processes and files of the sandbox may occupy together (64 MiB-1 TiB)."""

    processes: int = 128
    """Processes and threads at once (24-32768). A Python kernel alone needs about 12."""

    disk: int = 128 * MIB
    """Bytes of /work, and again of /tmp (1 MiB-1 TiB)."""

    cpus: float = 1.0
    """Processor cores' worth of time (0.05-1024)."""

    wall_time: float = 300.0
    """Seconds from start to the end of the sandbox (1-604800)."""

    def __post_init__(self) -> None:
        _whole("memory", self.memory, 64 * MIB, 1024 * GIB)
        _whole("processes", self.processes, 24, 32768)
        _whole("disk", self.disk, MIB, 1024 * GIB)
        _number("cpus", self.cpus, 0.05, 1024)
        _number("wall_time", self.wall_time, 1, 7 * 24 * 3600)


def _whole(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise LimitError(f"{name} must be a whole number, not {value!r}.")
    _in_range(name, value, low, high)


def _number(name: str, value: object, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise LimitError(f"{name} must be a finite number, not {value!r}.")
    _in_range(name, value, low, high)


def _in_range(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise LimitError(f"{name} must lie between {low} and {high}, not {value!r}.")

"""Control groups, versions 1 and 2: memory, processes and processor time of a whole sandbox."""

import logging
import time
from collections.abc import Mapping
from pathlib import Path

from .limits import Limits

ROOT = Path("/sys/fs/cgroup")
PARENT = "kernel-sandbox"
_PERIOD = 100_000  # microseconds over which processor time is shared out
_OVERHEAD = 6  # processes that a sandbox needs beside the learner's: launcher, init, ...

log = logging.getLogger(__name__)


class ControlGroup:
    """The control groups of one sandbox. Make it with `create`."""

    def __init__(self, folders: list[Path], memory: Path) -> None:
        self._folders = folders
        self._memory = memory

    @property
    def name(self) -> str:
        """The sandbox's name."""
        return self._memory.name

    @property
    def entrances(self) -> list[Path]:
        """Files to which a process writes its id in order to enter."""
        return [folder / "cgroup.procs" for folder in self._folders]

    def out_of_memory(self) -> bool:
        """Tell whether the kernel has killed a process for want of memory."""
        for name in ("memory.events", "memory.oom_control"):
            file = self._memory / name
            if file.exists():
                counts = dict(line.split() for line in file.read_text("ascii").splitlines())
                return int(counts.get("oom_kill", "0")) > 0
        return False

    def processes(self) -> list[int]:
        """Return the ids of the processes inside, as this process sees them."""
        ids = {pid for file in self.entrances for pid in _ids(file)}
        return sorted(ids - {0})  # 0 stands for a process that is not visible from here

    def remove(self) -> None:
        """Remove the groups; the processes inside must have been killed before."""
        for folder in self._folders:
            _remove(folder)


def _ids(file: Path) -> list[int]:
    try:
        return [int(line) for line in file.read_text("ascii").split()]
    except OSError:  # the group, or the process that is asked about, is gone
        return []


def _remove(folder: Path) -> None:
    for _ in range(200):  # a killed process leaves its group a little later
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.01)
        else:
            return
    log.warning("Control group %s could not be removed: it still holds processes.", folder)


def create(name: str, limits: Limits) -> ControlGroup | None:
    """Make the groups for sandbox `name` and set `limits`; None where this machine forbids it."""
    try:
        return _create_v2(name, limits) if _is_v2() else _create_v1(name, limits)
    except OSError as error:
        log.debug("No control groups for sandboxes: %s", error)
        return None


def leftovers() -> list[ControlGroup]:
    """Return the groups of all sandboxes on this machine, one for each controller."""
    parents = [ROOT / PARENT] if _is_v2() else [_parent_v1(kind) for kind in _CONTROLLERS]
    folders = [path for parent in parents for path in parent.glob("*.*")]
    return [ControlGroup([folder], folder) for folder in folders if folder.is_dir()]


def _is_v2() -> bool:
    return (ROOT / "cgroup.controllers").exists()


_CONTROLLERS = ("memory", "pids", "cpu")


def _parent_v1(controller: str) -> Path:
    return ROOT / controller / PARENT


def _create_v1(name: str, limits: Limits) -> ControlGroup:
    settings = {
        "memory": {
            "memory.limit_in_bytes": limits.memory,
            "memory.memsw.limit_in_bytes": limits.memory,
        },
        "pids": {"pids.max": limits.processes + _OVERHEAD},
        "cpu": {
            "cpu.cfs_period_us": _PERIOD,
            "cpu.cfs_quota_us": round(limits.cpus * _PERIOD),
        },
    }
    folders: list[Path] = []
    try:
        for controller, values in settings.items():
            folder = _parent_v1(controller) / name
            folder.mkdir(parents=True)
            folders.append(folder)
            _write(folder, values)
    except OSError:
        for folder in folders:
            _remove(folder)
        raise
    return ControlGroup(folders, folders[0])


def _create_v2(name: str, limits: Limits) -> ControlGroup:
    parent = ROOT / PARENT
    parent.mkdir(exist_ok=True)
    for folder in (ROOT, parent):
        (folder / "cgroup.subtree_control").write_text("+memory +pids +cpu", "ascii")
    group = parent / name
    group.mkdir()
    try:
        _write(
            group,
            {
                "memory.max": limits.memory,
                "memory.swap.max": 0,
                "memory.oom.group": 1,
                "pids.max": limits.processes + _OVERHEAD,
                "cpu.max": f"{round(limits.cpus * _PERIOD)} {_PERIOD}",
            },
        )
    except OSError:
        _remove(group)
        raise
    return ControlGroup([group], group)


def _write(folder: Path, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        file = folder / name
        if "sw" in name.partition(".")[2] and not file.exists():
            continue  # this kernel does not account for swap
        file.write_text(str(value), "ascii")

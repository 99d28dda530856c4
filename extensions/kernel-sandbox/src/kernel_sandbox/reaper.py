"""Removes what is left of sandboxes whose owner was killed.

Runs by itself beside every process that starts sandboxes; by hand: `python -m
kernel_sandbox.reaper [runtime folder]`.
"""

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from . import cgroups
from .errors import BackendUnavailable
from .owner import Owner, owners

_WAIT = 10.0  # seconds that a dying owner may take to be gone


def reap(runtime: Path | None = None, *, containers: bool = True) -> list[str]:
    """Remove folders, processes, control groups and containers without a living owner.

    Returns the names of what was removed. `runtime` is the folder where sandboxes keep theirs
    (default: the temporary folder). Where Docker does not run there are no containers.
    """
    removed = [*_groups(), *_folders(runtime or Path(tempfile.gettempdir()))]
    if containers:
        removed += _containers()
    return removed


def _groups() -> list[str]:
    names = []
    for group in cgroups.leftovers():
        owner = Owner.parse(group.name.rpartition(".")[0])
        if owner is None or not owner.is_gone():
            continue
        for pid in group.processes():
            with contextlib.suppress(ProcessLookupError):  # it ended by itself
                os.kill(pid, signal.SIGKILL)
        group.remove()
        names.append(group.name)
    return names


def _folders(runtime: Path) -> list[str]:
    gone = [owner.folder(runtime) for owner in owners(runtime) if owner.is_gone()]
    mine = [folder for folder in gone if folder.exists() and folder.stat().st_uid == os.geteuid()]
    for folder in mine:
        shutil.rmtree(folder, ignore_errors=True)  # another reaper may be at it, too
    return [folder.name for folder in mine]


def _containers() -> list[str]:
    from .backends.docker_client import remove_orphans  # noqa: PLC0415 - it takes 0.2 s to import

    try:
        return remove_orphans()
    except BackendUnavailable:
        return []


def main(arguments: list[str]) -> None:
    """Reap in the runtime folder that is named first, after the owner named second has gone."""
    runtime = Path(arguments[0]) if arguments else None
    owner = Owner.parse(arguments[1]) if len(arguments) > 1 else None
    end = time.monotonic() + _WAIT
    while owner is not None and not owner.is_gone() and time.monotonic() < end:
        time.sleep(0.02)
    reap(runtime)


if __name__ == "__main__":
    main(sys.argv[1:])

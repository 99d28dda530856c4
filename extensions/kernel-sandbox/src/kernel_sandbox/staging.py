"""Copies the kernel's folder, so that a sandbox never touches the original.

The folder is hostile: links are copied as links and never followed, and devices, sockets and
pipes are left out.
"""

import os
import shutil
import stat
from pathlib import Path

from .errors import FolderTooLargeError

MOST_ENTRIES = 20_000


def stage(
    source: Path | None, target: Path, *, most_bytes: int, owner: tuple[int, int] | None
) -> None:
    """Copy folder `source` to the new folder `target`, with modes and times, owned by `owner`.

    Without a source the new folder is empty. Raises FolderTooLargeError if the files add up to
    more than `most_bytes`, or to more than MOST_ENTRIES files and folders; NotADirectoryError if
    `source` is not a folder.
    """
    if source is None:
        target.mkdir(mode=stat.S_IRWXU)
    elif source.is_dir():
        _measure(source, most_bytes)
        shutil.copytree(source, target, symlinks=True, ignore=_special_files)
        target.chmod(stat.S_IRWXU)
    else:
        raise NotADirectoryError(f"The kernel's folder {source} is not a folder.")
    if owner is not None:
        _give(target, owner)


def _measure(source: Path, most_bytes: int) -> None:
    size = entries = 0
    for folder, folders, files in os.walk(source, onerror=_raise):
        entries += len(folders) + len(files)
        for name in files:
            status = os.lstat(Path(folder, name))
            size += status.st_size if stat.S_ISREG(status.st_mode) else 0
        if size > most_bytes or entries > MOST_ENTRIES:
            raise FolderTooLargeError(
                f"The kernel's folder {source} does not fit into the sandbox: it holds more than "
                f"{most_bytes} bytes or {MOST_ENTRIES} files. Raise the disk limit "
                "(SandboxProvisioner.disk), or start the kernel in a smaller folder."
            )


def _raise(error: OSError) -> None:
    raise error


def _special_files(folder: str, names: list[str]) -> list[str]:
    plain = (stat.S_ISREG, stat.S_ISDIR, stat.S_ISLNK)
    modes = {name: os.lstat(Path(folder, name)).st_mode for name in names}
    return [name for name, mode in modes.items() if not any(test(mode) for test in plain)]


def _give(target: Path, owner: tuple[int, int]) -> None:
    os.chown(target, *owner)
    for folder, folders, files in os.walk(target):
        for name in (*folders, *files):
            os.chown(Path(folder, name), *owner, follow_symlinks=False)

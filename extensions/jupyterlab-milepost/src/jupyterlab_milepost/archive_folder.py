"""The files of a folder that is to be packed: no link is followed, and nothing odd is let in."""

import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from jupyterlab_milepost.archive_names import ArchiveError, check_name, is_ignored


def files_below(folder: Path, ignore: Collection[str]) -> Iterator[tuple[str, Path]]:
    """Yield the name within `folder` and the path of each file, folder by folder.

    Raises ArchiveError, naming what is a link, a special file, or has a name that may not travel.
    """
    if not folder.is_dir():
        raise ArchiveError(f"There is no folder {folder}.")
    yield from _walk(folder, "", ignore)


def _walk(folder: Path, prefix: str, ignore: Collection[str]) -> Iterator[tuple[str, Path]]:
    for entry in sorted(os.scandir(folder), key=lambda found: found.name):
        if is_ignored(entry.name, ignore):
            continue
        name = prefix + entry.name
        check_name(name)
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), f"{name}/", ignore)
        elif entry.is_file(follow_symlinks=False):
            yield name, Path(entry.path)
        else:
            kind = "a link" if entry.is_symlink() else "not a regular file"
            raise ArchiveError(f"{name!a} is {kind}: put a copy of the file there instead.")


def read_regular(path: Path, name: str, room: int) -> bytes:
    """Read at most `room + 1` bytes of a file: one more says that it is larger.

    The file may be swapped for a link or a pipe meanwhile; that raises ArchiveError or OSError.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ArchiveError(f"{name!a} is not a regular file.")
        return file.read(room + 1)

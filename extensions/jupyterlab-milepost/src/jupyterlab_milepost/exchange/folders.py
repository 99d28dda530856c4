"""Put an archive in a folder's place, so that the folder is whole at every moment."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from jupyterlab_milepost.archive import unpack

TIMESTAMP_FILE = "timestamp.txt"
"""nbgrader's name for the file that says when a project was submitted."""


def replace_folder(archive: bytes, folder: Path, notes: Mapping[str, str]) -> None:
    """Unpack `archive` as `folder`, in place of what is there; on failure all stays as it was.

    `notes` are files of ours, by name. They win over files of the same name in the archive,
    which its author may have forged. Raises ArchiveError.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as staging:
        new, old = Path(staging) / "new", Path(staging) / "old"
        unpack(archive, new)
        for name, text in notes.items():
            _write_note(new / name, text)
        if folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise


def add_missing(archive: bytes, folder: Path) -> list[str]:
    """Write those files of `archive` that `folder` lacks, and return their names.

    Raises ArchiveError, and FileExistsError or NotADirectoryError where a file stands in the way
    of a folder.
    """
    added = []
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as staging:
        new = Path(staging) / "new"
        for source in unpack(archive, new):
            target = folder / source.relative_to(new)
            if target.exists() or target.is_symlink():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)
            added.append(target.relative_to(folder).as_posix())
    return added


def _write_note(path: Path, text: str) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.write_text(text, encoding="utf-8")

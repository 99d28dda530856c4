"""Small files that are made once and kept: whole, or not there at all."""

import os
import tempfile
from pathlib import Path


def keep(file: Path, content: str) -> None:
    """Write a file that its owner alone may read; one that is there already stays as it is.

    Neither a full disk nor `kill -9` leaves an empty or a half-written one behind: the name is
    given to the file when its content is on the disk. Raises OSError where it cannot be.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    # Made readable by its owner alone (0600).
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(descriptor)
        if not file.exists():
            Path(name).rename(file)
    finally:
        Path(name).unlink(missing_ok=True)

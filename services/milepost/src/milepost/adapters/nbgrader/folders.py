"""Folders put in place whole, so that a reader never sees half of one."""

import shutil
import uuid
from pathlib import Path


def swap_in(made: Path, place: Path, *, aside: Path) -> None:
    """Rename `made` to `place`; what was there before goes below `aside`, and away with it.

    All three must lie on one file system.
    """
    put_away(place, aside=aside)
    place.parent.mkdir(parents=True, exist_ok=True)
    made.rename(place)


def put_away(place: Path, *, aside: Path) -> None:
    """Move a folder out of the way, if it is there, to below `aside`."""
    old = aside / f"old-{uuid.uuid4().hex}"
    try:
        place.rename(old)
    except FileNotFoundError:
        return
    shutil.rmtree(old)

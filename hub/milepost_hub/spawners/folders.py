"""Each learner's folder and, where the Hub is root, a user id of their own.

The owner of the folder *is* the record of the id, so that there is no second place that could
disagree with it. Ids are never shared: each is one above the highest in use.
"""

import os
import stat
from pathlib import Path

FIRST_UID = 2_000_000
LAST_UID = 2_999_999
PRIVATE = 0o700


def safe_name(username: str) -> str:
    """Return the learner's name as that of a folder; different names never give the same."""
    kept = [char if char.isascii() and char.isalnum() else f"_{ord(char):x}_" for char in username]
    return "".join(kept)


def prepare(folders: Path, username: str) -> Path:
    """Make the learner's folder if there is none, and return it."""
    folders.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    folder = folders / safe_name(username)
    folder.mkdir(mode=PRIVATE, exist_ok=True)
    return folder


def own(folder: Path) -> int:
    """Give the folder and all that is in it an id of its own, and return that (as root only)."""
    owner = folder.stat(follow_symlinks=False).st_uid
    if not FIRST_UID <= owner <= LAST_UID:
        owner = _next_uid(folder.parent)
    _give(folder, owner)
    return owner


def _next_uid(folders: Path) -> int:
    owners = [entry.stat(follow_symlinks=False).st_uid for entry in folders.iterdir()]
    highest = max((uid for uid in owners if FIRST_UID <= uid <= LAST_UID), default=FIRST_UID - 1)
    if highest == LAST_UID:
        raise RuntimeError(f"{folders} has used up all user ids for learners")
    return highest + 1


def _give(folder: Path, uid: int) -> None:
    """Change owners below the folder, following no link that the learner may have put there."""
    for _, folders, files, descriptor in os.fwalk(folder, follow_symlinks=False):
        for name in [*folders, *files]:
            entry = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            if entry.st_uid != uid and (stat.S_ISDIR(entry.st_mode) or entry.st_nlink == 1):
                os.chown(name, uid, uid, dir_fd=descriptor, follow_symlinks=False)
    os.chown(folder, uid, uid, follow_symlinks=False)

"""Which file names may travel in an archive, and which files stay at home."""

import re
import unicodedata
from collections.abc import Collection
from fnmatch import fnmatchcase

MAX_NAME_BYTES = 512
"""The longest name, with its folders, in UTF-8 bytes."""
MAX_PART_BYTES = 255
"""The longest single part of a name: what common file systems hold."""

DEFAULT_IGNORE: frozenset[str] = frozenset(
    {
        ".DS_Store",
        ".coverage",
        ".git",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".venv",
        ".virtual_documents",
        "*.pyc",
        "__pycache__",
        "node_modules",
    }
)
"""Patterns for names that tools leave behind, and that nobody means to hand in."""

# Control, format (zero-width, text direction), half of a pair, private use, line and paragraph
# separators: each lets a name look like something that it is not.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_DRIVE = re.compile(r"^[A-Za-z]:")


class ArchiveError(ValueError):
    """An archive, or a folder to be packed, breaks a rule. The message says which, for people."""


def check_name(name: str) -> None:
    """Refuse a name that is not a plain relative POSIX one.

    Raises ArchiveError with the reason.
    """
    reason = _fault_of(name)
    if reason is not None:
        raise ArchiveError(f"The file name {name[:120]!a} {reason}.")


def check_tree(names: Collection[str]) -> None:
    """Refuse names that cannot stand together: duplicates, or a file where a folder is needed."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ArchiveError(f"The archive holds {name!a} twice.")
        seen.add(name)
    for name in names:
        parts = name.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            if folder in seen:
                raise ArchiveError(
                    f"{folder!a} is a file in the archive, and {name!a} needs it to be a folder."
                )


def is_ignored(part: str, patterns: Collection[str]) -> bool:
    """Say whether one part of a path matches any of the patterns (case-sensitive globs)."""
    return any(fnmatchcase(part, pattern) for pattern in patterns)


def _fault_of(name: str) -> str | None:
    if not name:
        return "is empty"
    if any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in name):
        return "contains control, invisible or undecodable characters"
    if name.startswith("/") or _DRIVE.match(name):
        return "is absolute; only names relative to the project are allowed"
    if "\\" in name:
        return "contains a backslash; folders are separated by a slash"
    if len(name.encode()) > MAX_NAME_BYTES:
        return f"is longer than {MAX_NAME_BYTES} bytes"
    return _fault_of_parts(name.split("/"))


def _fault_of_parts(parts: list[str]) -> str | None:
    if ".." in parts:
        return "leads out of the project with '..'"
    if "" in parts or "." in parts:
        return "contains an empty part or '.'"
    if any(len(part.encode()) > MAX_PART_BYTES for part in parts):
        return f"has a part longer than {MAX_PART_BYTES} bytes"
    return None

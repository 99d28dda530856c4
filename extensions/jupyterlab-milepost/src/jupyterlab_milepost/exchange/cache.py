"""The copies of what a learner submitted, kept as nbgrader's own exchange keeps them.

Each lies in `<cache>/<course>/<student>+<project>+<timestamp>/`, with its timestamp and the
service's receipt beside the files.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from jupyterlab_milepost.exchange.folders import TIMESTAMP_FILE, replace_folder

_RECEIPT_FILE = ".milepost-receipt.json"
_PARTS = 3


@dataclass(frozen=True, slots=True)
class CachedSubmission:
    """One kept copy; `id` is the submission's at the service."""

    path: Path
    course: str
    student: str
    project: str
    timestamp: str
    id: str


def keep(
    cache: Path, archive: bytes, receipt: Mapping[str, Any], *, student: str, timestamp: str
) -> Path:
    """Keep a copy of a submission and return its folder. Raises OSError."""
    name = f"{student}+{receipt['project']}+{timestamp}"
    folder = cache / str(receipt["course"]) / name
    notes = {TIMESTAMP_FILE: timestamp, _RECEIPT_FILE: json.dumps(receipt, indent=2)}
    replace_folder(archive, folder, notes)
    return folder


def find(
    cache: Path, *, course: str = "*", student: str = "*", project: str = "*"
) -> Iterator[CachedSubmission]:
    """Yield the kept copies whose names match the patterns, in order of their paths."""
    for receipt_file in sorted(cache.glob(f"*/*/{_RECEIPT_FILE}")):
        folder = receipt_file.parent
        parts = folder.name.rsplit("+", _PARTS - 1)
        if len(parts) != _PARTS:
            continue
        wanted = (course, student, project)
        if all(map(fnmatchcase, (folder.parent.name, parts[0], parts[1]), wanted)):
            receipt = json.loads(receipt_file.read_text(encoding="utf-8"))
            yield CachedSubmission(
                folder, folder.parent.name, parts[0], parts[1], parts[2], str(receipt["id"])
            )

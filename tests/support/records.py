"""What the platform wrote down: its database, its blobs, nbgrader's gradebook."""

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from tests.support.platform import Platform
from tests.support.solutions import COURSE


@dataclass(frozen=True)
class GradebookEntry:
    """What nbgrader's gradebook says of a learner's assignment."""

    score: float
    max_score: float
    needs_manual_grade: bool


def rows(platform: Platform, query: str, *arguments: object) -> list[dict[str, Any]]:
    """Read from milepost.sqlite."""
    path = platform.home / "milepost" / "milepost.sqlite"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query, arguments)]


def blob_exists(platform: Platform, sha256: str) -> bool:
    """Whether a blob lies in the store whose content has this digest, as its name says."""
    found = list((platform.home / "milepost" / "blobs").rglob(f"*{sha256}*"))
    return any(
        path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256 for path in found
    )


def gradebook_entry(
    platform: Platform, username: str, project: str, *, course: str = COURSE
) -> GradebookEntry:
    """Read the learner's score through nbgrader's own API."""
    from nbgrader.api import Gradebook  # noqa: PLC0415 - takes seconds to import

    path = platform.home / "courses" / course / "gradebook.db"
    with Gradebook(f"sqlite:///{path}") as gradebook:
        found = gradebook.find_submission(project, username)
        return GradebookEntry(found.score, found.max_score, found.needs_manual_grade)

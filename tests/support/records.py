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


@dataclass(frozen=True)
class Attempt:
    """One attempt as the database holds it."""

    state: str
    verdict: str
    sha256: str
    points: float
    max_points: float
    percent: int
    passed: frozenset[str]
    failed: frozenset[str]


def attempts(platform: Platform, username: str) -> list[Attempt]:
    """Return a learner's attempts, oldest first."""
    found = rows(
        platform,
        "select a.* from attempts a join users u on u.id = a.user_id"
        " where u.username = ? order by a.id",
        username,
    )
    return [_attempt(platform, row) for row in found]


def _attempt(platform: Platform, row: dict[str, Any]) -> Attempt:
    steps = rows(
        platform,
        "select s.step, min(c.passed) as passed from step_results s"
        " join check_results c on c.step_result_id = s.id where s.attempt_id = ? group by s.step",
        row["id"],
    )
    return Attempt(
        state=row["state"],
        verdict=row["verdict"],
        sha256=row["sha256"],
        points=row["points"],
        max_points=row["max_points"],
        percent=row["percent"],
        passed=frozenset(step["step"] for step in steps if step["passed"]),
        failed=frozenset(step["step"] for step in steps if not step["passed"]),
    )


def progress(platform: Platform, username: str) -> dict[str, tuple[str, int]]:
    """Return status and percentage of the learner's projects, by slug."""
    found = rows(
        platform,
        "select p.slug, g.status, g.completion_percentage from user_progress g"
        " join users u on u.id = g.user_id join projects p on p.id = g.project_id"
        " where u.username = ?",
        username,
    )
    return {row["slug"]: (row["status"], row["completion_percentage"]) for row in found}


def events(platform: Platform, username: str) -> list[str]:
    """Return the kinds of a learner's events, oldest first."""
    found = rows(
        platform,
        "select e.kind from events e join users u on u.id = e.user_id"
        " where u.username = ? order by e.id",
        username,
    )
    return [row["kind"] for row in found]

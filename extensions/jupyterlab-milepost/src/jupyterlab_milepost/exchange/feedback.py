"""Where a learner's fetched feedback lies, and which version of it."""

from pathlib import Path

VERSION_FILE = ".milepost-version"
"""Beside the pages: the SHA-256 of the archive that they came in."""


def feedback_folder(project_folder: Path, timestamp: str) -> Path:
    """Return the folder that stock nbgrader uses for the feedback on one submission."""
    return project_folder / "feedback" / timestamp


def fetched_version(folder: Path) -> str | None:
    """Return which version of the feedback lies in `folder`, or None where none does."""
    marker = folder / VERSION_FILE
    return marker.read_text(encoding="utf-8") if marker.is_file() else None

"""A course that a test may change, and the program run on it as an author would."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from milepost.adapters.course_files import CourseFolders
from milepost.ports.courses import AuthoringError, CourseSource


class Course:
    """The course `tiny` below `folder`, and its book."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.home = home

    @property
    def tiny(self) -> Path:
        return self.folder / "tiny"

    def replace(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def change_notebook(self, name: str, change: Callable[[dict[str, Any]], None]) -> None:
        path = self.folder / name
        notebook = json.loads(path.read_text())
        change(notebook)
        path.write_text(json.dumps(notebook))

    def read(self) -> CourseSource:
        return CourseFolders(self.folder, self.folder / "book").read("tiny")

    def problems(self) -> list[str]:
        """Return what is wrong, a line a problem."""
        try:
            self.read()
        except AuthoringError as error:
            return [str(problem) for problem in error.problems]
        return []

    def milepost(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment = {
            **kept,
            "MILEPOST_HOME": str(self.home),
            "MILEPOST_COURSES": str(self.folder),
            "MILEPOST_BOOK": str(self.folder / "book"),
            "MILEPOST_LEARNER_PYTHON": sys.executable,
            "MILEPOST_SANDBOX": "bubblewrap",
        }
        program = Path(sys.executable).with_name("milepost")
        return subprocess.run(
            [program, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

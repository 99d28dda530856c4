"""A tiny course, built, and submissions of it in a line."""

import json
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from jupyterlab_milepost.archive import pack_files
from milepost.adapters.course_files import CourseFolders
from milepost.adapters.nbgrader.builder import ReleaseBuilder
from milepost.adapters.nbgrader.course_root import CourseRoots
from milepost.adapters.nbgrader.judge import NbgraderJudge
from milepost.adapters.nbgrader.sandbox import SandboxSettings
from milepost.domain.attempts import Outcome
from milepost.ports.courses import CourseSource
from milepost.ports.judge import GradeRequest
from nbgrader.api import Gradebook

COURSES = Path(__file__).parents[1] / "courses"
Notebook = dict[str, Any]
Tamper = Callable[[Notebook], None]
_numbers = count(1)


def read_tiny(courses: Path = COURSES) -> CourseSource:
    return CourseFolders(courses, courses / "book").read("tiny")


def learner_python() -> Path:
    """The learner's environment where it has been made, else this one, which has all of it."""
    made = Path(__file__).parents[4] / ".venv-learner" / "bin" / "python"
    return made if made.exists() else Path(sys.executable)


def sandbox(backend: str, **changes: Any) -> SandboxSettings:
    settings = {
        "backend": backend,
        "image": "",
        "python": Path(sys.executable),
        "memory": "256M",
        "disk": "64M",
        "processes": 64,
        "cpus": 1.0,
        "cell_seconds": 5,
        "notebook_seconds": 30,
    }
    return SandboxSettings(**{**settings, **changes})


def gradebook_in(folder: Path) -> str:
    return f"sqlite:///{folder}/{{course}}/gradebook.db?timeout=60"


class Built:
    """The tiny course in a folder of its own, built unless it is there already."""

    def __init__(
        self, folder: Path, gradebook_url: str | None = None, *, courses: Path = COURSES
    ) -> None:
        self.roots = CourseRoots(folder, gradebook_url or gradebook_in(folder))
        self.source = read_tiny(courses)
        self.builder = ReleaseBuilder(self.roots)
        for project in self.source.projects:
            self.builder.build(self.source, project)
            self.builder.settle(self.source, project)
        self.root = self.roots.of("tiny")

    def released(self, project: str = "adding") -> dict[str, bytes]:
        folder = self.root.release / project
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }

    def solved(self, project: str = "adding") -> dict[str, bytes]:
        folder = COURSES / "tiny" / "reference" / project
        overlay = {path.name: path.read_bytes() for path in folder.iterdir()}
        return {**self.released(project), **overlay}

    def scores(self, username: str, project: str = "adding") -> dict[str, float]:
        with Gradebook(self.root.gradebook_url) as gradebook:
            found = gradebook.find_submission_notebook("project", project, username)
            return {grade.name: grade.auto_score for grade in found.grades}


class Bench:
    """A judge over a built course; `grade` submits files and returns the outcome."""

    def __init__(self, built: Built, judge: NbgraderJudge) -> None:
        self.built = built
        self.judge = judge

    def request(
        self, files: dict[str, bytes], *, username: str = "ada", project: str = "adding"
    ) -> GradeRequest:
        course = self.built.source.course
        return GradeRequest(
            attempt_id=next(_numbers),
            username=username,
            course="tiny",
            project=course.project(project),
            isolation=course.isolation,
            archive=pack_files(files),
            submitted_at="2026-01-02T03:04:05+00:00",
        )

    async def grade(self, files: dict[str, bytes], **kwargs: Any) -> Outcome:
        return await self.judge.grade(self.request(files, **kwargs))

    async def grade_code(self, code: str, **kwargs: Any) -> Outcome:
        """Grade the starter with this sums.py."""
        return await self.grade({**self.built.released(), "sums.py": code.encode()}, **kwargs)

    async def grade_notebook(self, tamper: Tamper, *, solved: bool, **kwargs: Any) -> Outcome:
        """Grade the reference or the starter, its notebook tampered with."""
        files = self.built.solved() if solved else self.built.released()
        notebook = json.loads(files["project.ipynb"])
        tamper(notebook)
        files["project.ipynb"] = json.dumps(notebook).encode()
        return await self.grade(files, **kwargs)


def passed(outcome: Outcome) -> dict[str, bool]:
    return {check.cell: check.passed for step in outcome.steps for check in step.checks}


def messages(outcome: Outcome) -> dict[str, str]:
    return {check.cell: check.message for step in outcome.steps for check in step.checks}


def cell_of(notebook: Notebook, name: str) -> dict[str, Any]:
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == name:
            return cell
    raise KeyError(name)

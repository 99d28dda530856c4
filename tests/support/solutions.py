"""The right and the wrong solutions that stand in a course, as files to be saved."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.platform import ROOT

COURSES = ROOT / "courses"
COURSE = "backend-python"
FIRST, SECOND = "simple-fastapi-server", "sample-rest-api"

Files = dict[str, bytes]


@dataclass(frozen=True)
class Fault:
    """A faulty solution: the files, why it is wrong, and the steps that must notice."""

    name: str
    files: Files
    reason: str
    fails: tuple[str, ...]


def _under(folder: Path) -> Files:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def project(slug: str, *, course: str = COURSE) -> dict[str, Any]:
    """Return what project.yml says."""
    text = (COURSES / course / "source" / slug / "project.yml").read_text()
    return dict(yaml.safe_load(text))


def starter(slug: str, *, course: str = COURSE) -> Files:
    """Return the files as an author wrote them, hidden tests and all."""
    return _under(COURSES / course / "source" / slug)


def reference(slug: str, *, course: str = COURSE) -> Files:
    """Return the files that make the solution worth 100 %."""
    return _under(COURSES / course / "reference" / slug)


def fault(slug: str, name: str, *, course: str = COURSE) -> Fault:
    """Return a faulty solution: its files are laid over the reference."""
    folder = COURSES / course / "faulty" / slug / name
    says = yaml.safe_load((folder / "faulty.yml").read_text())
    files = {**reference(slug, course=course), **_under(folder)}
    del files["faulty.yml"]
    return Fault(name, files, says["reason"], tuple(says["fails"]))


WRONG = "order-with-200"
"""A fault of the first project that all steps but one survive."""
BECAUSE = "A new order is answered with 201 Created and the order."
"""What its failing test says to the learner."""

"""The real `nbgrader` command, run as in the server of somebody whom the Hub signed in."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat

from services.milepost.tests.web.support.site import Site

COURSE = "backend"
_CONFIG = f"c = get_config()\nc.CourseDirectory.course_id = {COURSE!r}\n"


@dataclass(frozen=True)
class Person:
    """Somebody with a home and a Hub token."""

    site: Site
    name: str
    home: Path

    def nbgrader(self, *arguments: str, fails: bool = False) -> str:
        """Run the command in the person's home; return what it logged."""
        environment = {
            "HOME": str(self.home),
            "PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "MILEPOST_API_URL": self.site.api,
            "MILEPOST_COURSE": COURSE,
            "JUPYTERHUB_API_TOKEN": self.site.tokens[self.name],
            "JUPYTERHUB_USER": self.name,
            "JUPYTERHUB_BASE_URL": "/",
        }
        done = subprocess.run(
            [Path(sys.prefix) / "bin" / "nbgrader", *arguments],
            cwd=self.home,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert bool(done.returncode) == fails, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done.stderr


def write_course(root: Path, *projects: str) -> None:
    """Make a course directory: each project's notebook has one answer and one graded test."""
    (root / "nbgrader_config.py").write_text(_CONFIG)
    for project in projects:
        source = root / "source" / project
        source.mkdir(parents=True)
        (source / "project.ipynb").write_text(_notebook())


def _notebook() -> str:
    answer = nbformat.v4.new_code_cell(
        "def double(n):\n    ### BEGIN SOLUTION\n    return 2 * n\n    ### END SOLUTION",
        metadata={"nbgrader": _cell("double", solution=True)},
    )
    check = nbformat.v4.new_code_cell(
        "assert double(4) == 8",
        metadata={"nbgrader": _cell("double-test", solution=False) | {"points": 10}},
    )
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=[answer, check], metadata={"kernelspec": kernel})
    return str(nbformat.writes(notebook))


def _cell(name: str, *, solution: bool) -> dict[str, object]:
    return {
        "schema_version": 3,
        "grade_id": name,
        "grade": not solution,
        "solution": solution,
        "locked": not solution,
        "task": False,
    }

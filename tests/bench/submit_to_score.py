"""Submit to score, beside `nbgrader autograde` on the same files."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx

from tests.bench.figure import Figure, percentile
from tests.support import work
from tests.support.api import token_of, with_token
from tests.support.platform import ROOT, Platform
from tests.support.solutions import COURSE, FIRST, project, reference

RUNS = 20
BASELINE_EVERY = 4  # the baseline takes many times as long: one run of it after four of ours
STUDENT = "bench"


def measure(platform: Platform, admin: httpx.Client) -> Iterator[Figure]:
    """Yield `submit_to_score`."""
    ours: list[float] = []
    theirs: list[float] = []
    with (
        TemporaryDirectory(prefix="milepost-bench-") as scratch,
        with_token(platform, token_of(admin, STUDENT)) as learner,
    ):
        folder = Path(scratch) / "work"
        work.fetch(learner, FIRST, folder)
        work.lay_over(folder, reference(FIRST))
        course = _course(platform, Path(scratch) / "course", folder)
        for run in range(RUNS):
            (folder / "attempt.txt").write_text(f"{run}\n")
            ours.append(_score(learner, folder))
            if run % BASELINE_EVERY == BASELINE_EVERY - 1:
                theirs.append(_autograde(course))
    yield Figure(
        "submit_to_score",
        median(ours),
        "s",
        median(theirs),
        "nbgrader autograde, as a command, no sandbox",
        better="lower",
        details={"n": len(ours), "baseline_n": len(theirs), "p95": percentile(ours, 95)},
    )


def _score(learner: httpx.Client, folder: Path) -> float:
    graded = work.submit_and_wait(learner, FIRST, folder)
    if graded.attempt["score"] != 100:
        raise RuntimeError(f"the reference solution should get 100 %: {graded.attempt}")
    return graded.seconds


def _course(platform: Platform, course: Path, work_folder: Path) -> Path:
    """Copy the built course to where stock nbgrader has it to itself, with one submission."""
    built = platform.home / "courses" / COURSE
    shutil.copytree(built / "source" / FIRST, course / "source" / FIRST)
    shutil.copy(built / "gradebook.db", course / "gradebook.db")
    shutil.copytree(work_folder, course / "submitted" / STUDENT / FIRST)
    editable = project(FIRST)["editable"]
    (course / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.course_id = {COURSE!r}\n"
        f"c.Autograde.exclude_overwriting = {{{FIRST!r}: {editable!r}}}\n"
    )
    return course


def _autograde(course: Path) -> float:
    command = [str(ROOT / ".venv-learner" / "bin" / "nbgrader"), "autograde", FIRST]
    begun = time.perf_counter()
    done = subprocess.run(
        [*command, f"--student={STUDENT}", "--force", "--create"],
        cwd=course,
        env={"PATH": os.environ["PATH"], "HOME": str(course)},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - begun
    if done.returncode or not (course / "autograded" / STUDENT / FIRST).is_dir():
        raise RuntimeError(f"the baseline did not grade:\n{done.stdout}\n{done.stderr}")
    return seconds

"""Every course proves itself: right solutions pass, starters and plausible faults do not."""

import subprocess
import sys
from pathlib import Path

import pytest

from conftest import require

COURSES = Path(__file__).parents[1]
MILEPOST = Path(sys.prefix) / "bin" / "milepost"


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    "course", sorted(path.parent.name for path in COURSES.glob("*/course.yml"))
)
def test_a_course_check_finds_nothing_bad(course: str, tmp_path: Path):
    require("bubblewrap")
    learners = COURSES.parent / ".venv-learner/bin/python"
    assert learners.exists(), "run `make setup` first: projects are checked in the learners' own"
    settings = {
        "MILEPOST_HOME": str(tmp_path),
        "MILEPOST_COURSES": str(COURSES),
        "MILEPOST_BOOK": str(COURSES.parent / "book"),
        "MILEPOST_LEARNER_PYTHON": str(learners),
        "MILEPOST_SANDBOX": "bubblewrap",
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    }
    done = subprocess.run(
        [MILEPOST, "course", "check", course],
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 bad" in done.stdout

import shutil
from pathlib import Path

import pytest

from services.milepost.tests.courses.support import Course
from services.milepost.tests.grading.support import COURSES


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A copy of the tiny course, to be broken."""
    for name in ("tiny", "book"):
        shutil.copytree(COURSES / name, tmp_path / "courses" / name)
    return Course(tmp_path / "courses", tmp_path / "home")

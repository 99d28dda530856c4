"""An instructor's way with nbgrader's own commands, against a real Hub and the real service."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.milepost.tests.web.support.exchange import GZIP, archive
from services.milepost.tests.web.support.nbgrader import COURSE, Person, write_course
from services.milepost.tests.web.support.site import Site

PROJECT = "first-server"


@pytest.fixture
def ines(site: Site, tmp_path: Path) -> Iterator[Person]:
    """The course's instructor, in the course directory; later tests find the old release."""
    home = tmp_path / "ines"
    home.mkdir()
    write_course(home, PROJECT, "unheard-of")
    yield Person(site, "ines", home)
    with site.client("ines") as client:
        path = f"/courses/{COURSE}/projects/{PROJECT}/archive"
        client.put(path, content=archive(), headers=GZIP).raise_for_status()


@pytest.fixture
def learner(site: Site, tmp_path: Path) -> Person:
    home = tmp_path / "learner"
    home.mkdir()
    return Person(site, site.learner(), home)


def test_an_instructor_releases_collects_and_gives_feedback(ines: Person, learner: Person):
    ines.nbgrader("generate_assignment", PROJECT)
    assert "add --force" in ines.nbgrader("release_assignment", PROJECT, fails=True)
    released = ines.nbgrader("release_assignment", PROJECT, "--force")
    assert f"Released as: {COURSE} {PROJECT}" in released

    learner.nbgrader("fetch_assignment", PROJECT)
    folder = learner.home / COURSE / PROJECT
    notebook = folder / "project.ipynb"
    unsolved = notebook.read_text()
    assert "raise NotImplementedError()" in unsolved
    notebook.write_text(unsolved.replace("raise NotImplementedError()", "return n * 2"))
    assert "Receipt: " in learner.nbgrader("submit", PROJECT)
    assert "Only instructors" in learner.nbgrader("list", "--remove", PROJECT, fails=True)

    only = ("--student", learner.name)
    ines.nbgrader("collect", PROJECT, *only)
    collected = ines.home / "submitted" / learner.name / PROJECT
    assert (collected / "project.ipynb").read_text() == notebook.read_text()
    ines.nbgrader("autograde", PROJECT, "--create", *only)
    ines.nbgrader("generate_feedback", PROJECT, *only)
    ines.nbgrader("release_feedback", PROJECT, *only)

    learner.nbgrader("fetch_feedback", PROJECT)
    (page,) = folder.glob("feedback/*/project.html")
    assert page.parent.name == (collected / "timestamp.txt").read_text()
    assert "double-test" in page.read_text()


def test_a_project_that_is_not_in_the_catalogue_cannot_be_released(ines: Person):
    ines.nbgrader("generate_assignment", "unheard-of")
    log = ines.nbgrader("release_assignment", "unheard-of", fails=True)
    assert f"The course {COURSE} has no project unheard-of." in log
    assert f"`milepost course build {COURSE}`" in log

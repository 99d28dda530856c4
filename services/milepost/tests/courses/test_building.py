"""What `milepost course build` releases, and what it leaves alone."""

import json
from pathlib import Path
from typing import Any

import pytest
from jupyterlab_milepost.archive import inspect, unpack
from milepost.adapters.blobs import FolderBlobs
from milepost.adapters.bus import LocalBus
from milepost.adapters.nbgrader.builder import ReleaseBuilder
from milepost.adapters.nbgrader.course_root import CourseRoots
from milepost.adapters.sql.migrate import upgrade
from milepost.adapters.sql.store import SqlStore
from milepost.ports.courses import AuthoringError
from milepost.ports.store import ReleaseRow
from milepost.usecases.build_course import Build, build_course
from milepost.usecases.deps import Deps
from nbgrader.api import Gradebook

from services.milepost.tests.courses.support import Course
from services.milepost.tests.grading.support import gradebook_in
from services.milepost.tests.worker.support import now


class Builder:
    def __init__(self, course: Course) -> None:
        self.course = course
        url = f"sqlite:///{course.home}/milepost.sqlite"
        upgrade(url)
        self.deps = Deps(SqlStore(url), LocalBus(), FolderBlobs(course.home / "blobs"), now)
        roots = CourseRoots(course.home / "courses", gradebook_in(course.home / "courses"))
        self.root = roots.of("tiny")
        self.builder = ReleaseBuilder(roots)

    def build(self) -> Build:
        return build_course(self.deps, self.course.read(), self.builder)

    def release(self, slug: str) -> ReleaseRow | None:
        with self.deps.store.reading() as tx:
            row = tx.catalogue.project_by_slug("tiny", slug)
            return tx.releases.get(row.id) if row else None


@pytest.fixture
def builder(course: Course) -> Builder:
    course.home.mkdir()
    return Builder(course)


def _text(notebook: Path) -> str:
    cells = json.loads(notebook.read_text())["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells)


def test_a_build_fills_catalogue_releases_and_gradebook(builder: Builder, tmp_path: Path) -> None:
    assert builder.build().released == ("adding", "greeting")
    release = builder.release("adding")
    assert release is not None
    archive = builder.deps.blobs.get(release.sha256)
    assert [entry.name for entry in inspect(archive)] == [
        "data/numbers.json",
        "project.ipynb",
        "sums.py",
    ]
    unpack(archive, tmp_path / "got")
    assert "double(21)" not in _text(tmp_path / "got" / "project.ipynb")
    assert "double(2) == 4" in _text(tmp_path / "got" / "project.ipynb")
    with builder.deps.store.reading() as tx:
        rows = {row.project.slug: row for row in tx.catalogue.projects(course="tiny")}
        assert rows["greeting"].prerequisites == (rows["adding"].id,)
        assert tx.catalogue.concepts()[0].slug == "arithmetic"
    with Gradebook(builder.root.gradebook_url) as gradebook:
        assert gradebook.find_assignment("adding").max_score == 5


def test_building_again_changes_nothing(builder: Builder) -> None:
    builder.build()
    before = builder.release("adding")
    built = builder.build()
    assert (built.released, built.unchanged) == ((), ("adding", "greeting"))
    assert builder.release("adding") == before


def test_a_changed_project_is_released_anew_and_the_others_are_not(builder: Builder) -> None:
    builder.build()
    builder.course.replace("tiny/source/adding/sums.py", "twice", "two times")
    assert builder.build().released == ("adding",)


def test_a_release_that_an_instructor_withdrew_stays_withdrawn(builder: Builder) -> None:
    builder.build()
    with builder.deps.store.transaction() as tx:
        row = tx.catalogue.project_by_slug("tiny", "adding")
        assert row is not None
        tx.releases.remove(row.id)
    builder.build()
    assert builder.release("adding") is None


def test_a_release_that_holds_the_solution_is_refused(builder: Builder) -> None:
    solution = (builder.course.tiny / "reference/adding/sums.py").read_text()
    (builder.course.tiny / "source/adding/answers.py").write_text(solution)
    with pytest.raises(AuthoringError, match=r"answers.py: is the reference solution"):
        builder.build()
    assert builder.release("adding") is None


def test_a_release_that_shows_a_hidden_test_is_refused(builder: Builder) -> None:
    test = 'assert sums.double(21) == 42, "double(21) is not 42"'
    (builder.course.tiny / "source/adding/notes.md").write_text(f"Try this: {test}\n")
    with pytest.raises(AuthoringError, match=r"notes.md: cell 'double-hidden': the hidden test"):
        builder.build()


def test_a_change_of_graded_cells_under_submissions_is_refused_and_keeps_the_grades(
    builder: Builder,
) -> None:
    builder.build()
    with Gradebook(builder.root.gradebook_url) as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission("adding", "ada")

    def drop_hidden(notebook: dict[str, Any]) -> None:
        notebook["cells"] = [
            cell for cell in notebook["cells"] if "double-hidden" not in str(cell["metadata"])
        ]

    builder.course.change_notebook("tiny/source/adding/project.ipynb", drop_hidden)
    builder.course.replace("tiny/source/adding/project.yml", "points: 2", "points: 1")
    with pytest.raises(AuthoringError, match="give the changed project a new slug"):
        builder.build()
    with Gradebook(builder.root.gradebook_url) as gradebook:
        found = gradebook.find_submission_notebook("project", "adding", "ada")
        assert {grade.name for grade in found.grades} >= {"double", "double-hidden"}

"""Every mistake of an author is said with file, place and reason, and all of them at once."""

from typing import Any

import pytest
from milepost.adapters.course_files import CourseFolders
from milepost.ports.courses import UnknownCourseError

from services.milepost.tests.courses.support import Course

NOTEBOOK = "tiny/source/adding/project.ipynb"
PROJECT = "tiny/source/adding/project.yml"


def test_a_course_without_fault_is_read_whole(course: Course) -> None:
    source = course.read()
    assert [project.slug for project in source.course.projects] == ["adding", "greeting"]
    adding = source.project("adding")
    assert [step.points for step in adding.project.steps] == [2, 3]
    assert {fault.name: fault.fails for fault in adding.faults} == {
        "squares": {"double"},
        "only-three": {"total"},
    }
    assert source.concepts[0].mappings[0].company == "Example"
    assert source.concepts[0].documentation_path == "concepts/arithmetic.html"


def test_an_unknown_course_is_answered_with_those_that_there_are(course: Course) -> None:
    with pytest.raises(UnknownCourseError, match=r"no course 'other'.*there are: tiny"):
        CourseFolders(course.folder, course.folder / "book").read("other")


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (PROJECT, "difficulty: 1", "difficulty: 9", "difficulty: Input should be less than"),
        (PROJECT, "number: 1", "numbr: 1", "numbr: Extra inputs are not permitted"),
        (PROJECT, "phase: basics", "phase: end", "phase: course.yml has no phase 'end'"),
        (PROJECT, "[arithmetic]", "[algebra]", "concepts: the book has no concept 'algebra'"),
        (PROJECT, "#doubling", "#nowhere", "steps.double.concept: the page of 'arithmetic' has no"),
        (PROJECT, "Think of twice., ", "", "steps.0.hints: List should have at least 3 items"),
        (PROJECT, '["sums.py"]', '["sum.py"]', "editable: 'sum.py' matches no file"),
        (PROJECT, "points: 2", "points: 7", "cell 'double': and -hidden give 2 points; the step 7"),
        (PROJECT, "id: total", "id: sum", "cell 'sum': is missing"),
        (PROJECT, "minutes: 5", "minutes: [", "line 8: is not YAML"),
        ("tiny/source/greeting/project.yml", "[adding]", "[p7]", "the course has no project 'p7'"),
        ("tiny/source/greeting/project.yml", "number: 2", "number: 1", "another project is number"),
        ("tiny/course.yml", "slug: tiny", "slug: big", "slug: must be the folder's name, tiny"),
        (
            "tiny/course.yml",
            "slug: tiny",
            "slug: tiny\nisolation: split",
            "isolation: Input should",
        ),
        ("tiny/course.yml", "adding, ", "", "projects: source/adding is not listed"),
        ("tiny/faulty/adding/squares/faulty.yml", "[double]", "[triple]", "no step 'triple'"),
        ("tiny/faulty/adding/squares/faulty.yml", "[double]", "[total]", "no faulty solution"),
        ("book/concepts/arithmetic.md", "relevance: 3", "relevance: 6", "mappings.0.relevance"),
        ("book/concepts/arithmetic.md", "related: []", "related: [x]", "there is no concept 'x'"),
    ],
)
def test_a_mistake_in_a_file_is_said(
    course: Course, file: str, old: str, new: str, said: str
) -> None:
    course.replace(file, old, new)
    assert any(said in problem for problem in course.problems()), course.problems()


def test_prerequisites_in_a_circle_are_said(course: Course) -> None:
    course.replace(PROJECT, "concepts:", "prerequisites: [greeting]\nconcepts:")
    circle = [problem for problem in course.problems() if "lead back" in problem]
    assert len(circle) == 2


def _cell(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    return next(
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == name
    )


def _unbalanced(notebook: dict[str, Any]) -> None:
    _cell(notebook, "double-hidden")["source"] = "### BEGIN HIDDEN TESTS\nassert True"


def _not_hidden(notebook: dict[str, Any]) -> None:
    _cell(notebook, "double-hidden")["source"] = "assert True"


def _hidden_in_visible(notebook: dict[str, Any]) -> None:
    _cell(notebook, "double")["source"] = "### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS"


def _twins(notebook: dict[str, Any]) -> None:
    _cell(notebook, "total")["id"] = notebook["cells"][0]["id"]


def _same_grade_id(notebook: dict[str, Any]) -> None:
    _cell(notebook, "total")["metadata"]["nbgrader"]["grade_id"] = "double"


def _empty(notebook: dict[str, Any]) -> None:
    _cell(notebook, "double")["source"] = ""


def _unlocked(notebook: dict[str, Any]) -> None:
    _cell(notebook, "double")["metadata"]["nbgrader"]["locked"] = False


def _stray(notebook: dict[str, Any]) -> None:
    _cell(notebook, "setup")["metadata"]["nbgrader"] |= {"grade": True, "points": 1}


def _old(notebook: dict[str, Any]) -> None:
    notebook["nbformat"] = 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_unbalanced, "cell 'double-hidden': has ### BEGIN HIDDEN TESTS without an end"),
        (_not_hidden, "cell 'double-hidden': has no ### BEGIN HIDDEN TESTS"),
        (_hidden_in_visible, "cell 'double': is the visible check"),
        (_twins, "shares its id"),
        (_same_grade_id, "2 cells have this grade_id"),
        (_empty, "cell 'double': is graded but empty"),
        (_unlocked, "cell 'double': must be an autograder test"),
        (_stray, "cell 'setup': is graded, but project.yml has no step of this id"),
        (_old, "its format is 3, not 4"),
    ],
)
def test_a_mistake_in_a_notebook_is_said_with_its_cell(
    course: Course, change: Any, said: str
) -> None:
    course.change_notebook(NOTEBOOK, change)
    problems = course.problems()
    assert any(said in problem for problem in problems), problems
    assert all(problem.startswith("tiny/") for problem in problems)


def test_all_mistakes_are_said_at_once(course: Course) -> None:
    course.replace(PROJECT, "phase: basics", "phase: end")
    course.change_notebook(NOTEBOOK, _empty)
    course.replace("tiny/source/greeting/project.yml", "[adding]", "[p7]")
    assert len(course.problems()) == 3

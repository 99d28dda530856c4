"""Courses and projects."""

import pytest
from milepost.domain.catalogue import Course, Phase, Project, Step


def project(slug: str, *points: float) -> Project:
    steps = tuple(Step(f"s{at}", "", value, "") for at, value in enumerate(points))
    return Project(1, slug, "", "", "a", 1, 10, (), (), "project.ipynb", (), steps)


def test_the_points_of_a_project_are_those_of_its_steps() -> None:
    assert project("p", 2.0, 3.5).points == 5.5
    assert project("p").points == 0


def test_a_project_is_found_in_its_course_by_slug() -> None:
    course = Course("c", "", "", (Phase("a", "A", ""),), (project("one"), project("two")))
    assert course.project("two").slug == "two"
    with pytest.raises(KeyError):
        course.project("three")

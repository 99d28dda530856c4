"""The folder of course sources."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from milepost.adapters.course_files.concepts import Page, read_concepts
from milepost.adapters.course_files.projects import read_project
from milepost.adapters.course_files.schema import CourseFile
from milepost.adapters.course_files.yaml_files import read_yaml
from milepost.domain.catalogue import Concept, Course, Isolation, Phase, Project
from milepost.ports.courses import (
    AuthoringError,
    CourseSource,
    Problem,
    ProjectSource,
    UnknownCourseError,
)


class CourseFolders:
    """`courses` holds a folder a course, named by its slug; `book` the concept pages."""

    def __init__(self, courses: Path, book: Path) -> None:
        self._courses = courses
        self._book = book

    def slugs(self) -> list[str]:
        """Return the slugs of the courses that there are."""
        return sorted(path.parent.name for path in self._courses.glob("*/course.yml"))

    def read(self, slug: str) -> CourseSource:
        """Return a course. Raises UnknownCourseError, AuthoringError with all that is wrong."""
        if slug not in self.slugs():
            known = ", ".join(self.slugs()) or "none"
            raise UnknownCourseError(
                f"There is no course {slug!r} in {self._courses}; there are: {known}."
            )
        folder = self._courses / slug
        file = read_yaml(folder / "course.yml", f"{slug}/course.yml", CourseFile)
        pages, problems = read_concepts(self._book)
        projects: list[ProjectSource] = []
        for project_slug in file.projects:
            try:
                project, found = read_project(folder, project_slug, pages)
            except AuthoringError as error:
                problems += error.problems
                continue
            projects.append(project)
            problems += found
        course = _course(file, [one.project for one in projects])
        problems += [Problem(f"{slug}/course.yml", *one) for one in _faults(folder, file)]
        problems += _check_order(slug, file, course)
        if problems:
            raise AuthoringError(problems)
        return CourseSource(course, _concepts(course, pages), folder, tuple(projects))


def _course(file: CourseFile, projects: list[Project]) -> Course:
    return Course(
        slug=file.slug,
        title=file.title,
        description=file.description,
        phases=tuple(Phase(one.id, one.letter, one.title) for one in file.phases),
        projects=tuple(projects),
        isolation=Isolation(file.isolation),
        pass_percent=file.pass_percent,
    )


def _concepts(course: Course, pages: dict[str, Page]) -> tuple[Concept, ...]:
    """Return the concepts that the course exercises, and those that their pages refer to."""
    wanted = {slug for project in course.projects for slug in project.concepts}
    wanted |= {other for slug in wanted for other in pages[slug].concept.related}
    return tuple(pages[slug].concept for slug in sorted(wanted))


def _faults(folder: Path, file: CourseFile) -> Iterator[tuple[str, str]]:
    if file.slug != folder.name:
        yield "slug", f"must be the folder's name, {folder.name}."
    for slug, count in Counter(file.projects).items():
        if count > 1:
            yield "projects", f"{slug!r} stands there {count} times."
    for phase, count in Counter(one.id for one in file.phases).items():
        if count > 1:
            yield "phases", f"{count} phases have the id {phase!r}."
    present = {path.parent.name for path in folder.glob("source/*/project.yml")}
    for slug in sorted(present - set(file.projects)):
        yield "projects", f"source/{slug} is not listed."


def _check_order(slug: str, file: CourseFile, course: Course) -> list[Problem]:
    """Check what a project says about others: phase, number, prerequisites."""
    problems: list[Problem] = []
    phases = {phase.id for phase in course.phases}
    numbers = Counter(project.number for project in course.projects)
    for project in course.projects:
        name = f"{slug}/source/{project.slug}/project.yml"
        if project.phase not in phases:
            problems.append(Problem(name, "phase", f"course.yml has no phase {project.phase!r}."))
        if numbers[project.number] > 1:
            problems.append(Problem(name, "number", f"another project is number {project.number}."))
        problems += [
            Problem(name, "prerequisites", f"the course has no project {one!r}.")
            for one in project.prerequisites
            if one not in file.projects
        ]
        if _leads_back(course, project.slug):
            problems.append(Problem(name, "prerequisites", "lead back to the project itself."))
    return problems


def _leads_back(course: Course, slug: str) -> bool:
    needs = {project.slug: project.prerequisites for project in course.projects}
    seen: set[str] = set()
    ahead = list(needs.get(slug, ()))
    while ahead:
        current = ahead.pop()
        if current == slug:
            return True
        if current not in seen:
            seen.add(current)
            ahead += needs.get(current, ())
    return False

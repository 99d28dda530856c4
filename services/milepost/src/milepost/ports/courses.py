"""Courses as their authors write them, and what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from milepost.domain.catalogue import Concept, Course, Project


@dataclass(frozen=True, order=True)
class Problem:
    """Something that an author has to mend: in which file, at which field or cell, and why."""

    file: str
    where: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.where}" if self.where else self.file
        return f"{place}: {self.reason}"


class AuthoringError(Exception):
    """A course cannot be used as it stands; `problems` says everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnknownCourseError(Exception):
    """There is no such course; the message names those that there are."""


@dataclass(frozen=True)
class Fault:
    """A plausible wrong solution: files over the reference, and the steps that it fails."""

    name: str
    reason: str
    fails: frozenset[str]
    folder: Path


@dataclass(frozen=True)
class ProjectSource:
    """The folders of one project: its source, its reference solution, its faulty ones."""

    project: Project
    source: Path
    reference: Path
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class CourseSource:
    """A course as read from its folder, found without fault."""

    course: Course
    concepts: tuple[Concept, ...]
    folder: Path
    projects: tuple[ProjectSource, ...]

    def project(self, slug: str) -> ProjectSource:
        """Return the project of this slug, or raise KeyError."""
        for project in self.projects:
            if project.project.slug == slug:
                return project
        raise KeyError(slug)


@dataclass(frozen=True)
class BuiltRelease:
    """What a build made of a project: `archive` is a wire archive, `files` what it holds."""

    archive: bytes
    files: int
    changed: bool


class CourseBuilder(Protocol):
    """Makes releases, with nbgrader's own tools, and keeps the gradebook in step."""

    def build(self, source: CourseSource, project: ProjectSource) -> BuiltRelease:
        """Make a project's release where its source changed since the last time.

        Raises AuthoringError when the release would give away a hidden test or a solution, or
        when nbgrader refuses the source.
        """

    def settle(self, source: CourseSource, project: ProjectSource) -> None:
        """Note that the release of this source reached the store: it counts as built from now."""

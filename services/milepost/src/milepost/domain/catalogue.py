"""What can be learned: courses, projects, steps, concepts and where the world uses them."""

from dataclasses import dataclass
from enum import StrEnum


class Isolation(StrEnum):
    """Whether tests share a kernel with the learner's code, or never meet it."""

    SHARED = "shared"
    SPLIT = "split"


@dataclass(frozen=True)
class Phase:
    """A stretch of a course, such as "Basics"."""

    id: str
    letter: str
    title: str


@dataclass(frozen=True)
class Step:
    """A graded part of a project.

    `concept` names a concept page and a paragraph of it: `<slug>#<anchor>`.
    """

    id: str
    title: str
    points: float
    concept: str
    hints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Project:
    """One project of a course (an nbgrader assignment)."""

    number: int
    slug: str
    title: str
    description: str
    phase: str
    difficulty: int
    minutes: int
    prerequisites: tuple[str, ...]
    concepts: tuple[str, ...]
    notebook: str
    editable: tuple[str, ...]
    steps: tuple[Step, ...]
    applications: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        """The points of all steps together."""
        return sum(step.points for step in self.steps)


@dataclass(frozen=True)
class RealWorldMapping:
    """How a company uses a concept, by a public source that was read."""

    company: str
    use_case: str
    industry: str
    case_study_url: str
    relevance: int
    example_code: str | None = None


@dataclass(frozen=True)
class Concept:
    """An idea that projects exercise; its page in the book is `documentation_path`."""

    slug: str
    name: str
    description: str
    documentation_path: str
    related: tuple[str, ...] = ()
    career: tuple[str, ...] = ()
    mappings: tuple[RealWorldMapping, ...] = ()


@dataclass(frozen=True)
class Course:
    """A course with its projects in their order."""

    slug: str
    title: str
    description: str
    phases: tuple[Phase, ...]
    projects: tuple[Project, ...]
    isolation: Isolation = Isolation.SHARED
    pass_percent: int = 80

    def project(self, slug: str) -> Project:
        """Return the project of this slug, or raise KeyError."""
        for project in self.projects:
            if project.slug == slug:
                return project
        raise KeyError(slug)

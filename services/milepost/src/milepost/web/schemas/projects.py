"""Documents about projects and concepts."""

from collections.abc import Iterable
from typing import Any, Self

from pydantic import BaseModel, Field

from milepost.domain.catalogue import Concept
from milepost.domain.progress import ProjectState
from milepost.usecases.page import Page
from milepost.usecases.project_view import ProjectView
from milepost.web.schemas.common import LARGEST_ID, Line, Paging, cursor_of


class ProjectQuery(Paging):
    """Which projects."""

    course: Line | None = None
    phase: Line | None = None
    concept: Line | None = Field(None, description="A concept's slug.")
    difficulty: int | None = Field(None, ge=1, le=5)
    q: Line | None = Field(None, description="Words to look for in title and description.")


class ProjectItem(BaseModel):
    """A project as the learner sees it; `score` is their best, null before the first grade."""

    id: int = Field(ge=1, le=LARGEST_ID)
    number: int
    course: str
    slug: str
    title: str
    description: str
    phase: str
    difficulty: int = Field(ge=1, le=5)
    minutes: int
    prerequisites: list[int]
    concepts: list[str]
    points: float
    state: ProjectState
    score: int | None = Field(ge=0, le=100)

    @classmethod
    def of(cls, view: ProjectView) -> Self:
        """Show a project."""
        return cls(**item_fields(view))


class ProjectPage(BaseModel):
    """Projects, by course and number."""

    items: list[ProjectItem]
    next: str | None

    @classmethod
    def of(cls, page: Page[ProjectView]) -> Self:
        """Show a part of the list."""
        return cls(items=[ProjectItem.of(view) for view in page.items], next=cursor_of(page.next))


class StepItem(BaseModel):
    """A graded part of a project. `concept` is `<slug>#<paragraph>`."""

    id: str
    title: str
    points: float
    concept: str
    hints: list[str]


class ProjectDetail(ProjectItem):
    """A project with its steps."""

    steps: list[StepItem]
    notebook: str
    applications: list[str]
    open_url: str = Field(description="Opens the project in the learner's own JupyterLab.")

    @classmethod
    def shown(cls, view: ProjectView, open_url: str) -> Self:
        """Show a project whole."""
        project = view.row.project
        steps = [
            StepItem(
                id=step.id,
                title=step.title,
                points=step.points,
                concept=step.concept,
                hints=list(step.hints),
            )
            for step in project.steps
        ]
        return cls(
            **item_fields(view),
            steps=steps,
            notebook=project.notebook,
            applications=list(project.applications),
            open_url=open_url,
        )


class ConceptItem(BaseModel):
    """A concept; `documentation_path` is its page in the book."""

    slug: str
    name: str
    description: str
    documentation_path: str
    related: list[str]


class ConceptList(BaseModel):
    """The concepts that a project exercises."""

    items: list[ConceptItem]
    next: str | None = None

    @classmethod
    def of(cls, concepts: Iterable[Concept]) -> Self:
        """Show concepts."""
        items = [
            ConceptItem(
                slug=concept.slug,
                name=concept.name,
                description=concept.description,
                documentation_path=concept.documentation_path,
                related=list(concept.related),
            )
            for concept in concepts
        ]
        return cls(items=items)


class CaseItem(BaseModel):
    """How a company uses a concept. `relevance` is 1 to 5."""

    concept: str
    company: str
    use_case: str
    industry: str
    case_study_url: str
    relevance: int
    example_code: str | None


class CaseList(BaseModel):
    """Where the world uses what a project teaches, most relevant first."""

    items: list[CaseItem]
    next: str | None = None

    @classmethod
    def of(cls, concepts: Iterable[Concept]) -> Self:
        """Show the concepts' mappings."""
        items = [
            CaseItem(
                concept=concept.slug,
                company=mapping.company,
                use_case=mapping.use_case,
                industry=mapping.industry,
                case_study_url=mapping.case_study_url,
                relevance=mapping.relevance,
                example_code=mapping.example_code,
            )
            for concept in concepts
            for mapping in concept.mappings
        ]
        return cls(items=sorted(items, key=lambda item: -item.relevance))


def item_fields(view: ProjectView) -> dict[str, Any]:
    """Return the fields of a project that every document about it has."""
    project = view.row.project
    return {
        "id": view.row.id,
        "number": project.number,
        "course": view.row.course,
        "slug": project.slug,
        "title": project.title,
        "description": project.description,
        "phase": project.phase,
        "difficulty": project.difficulty,
        "minutes": project.minutes,
        "prerequisites": list(view.row.prerequisites),
        "concepts": list(project.concepts),
        "points": project.points,
        "state": view.state,
        "score": view.score,
    }

"""The shape of course.yml, project.yml, faulty.yml and a concept page's front matter."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl

# Names become paths, nbgrader ids and parts of addresses.
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]
StepId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$")]
Text = Annotated[str, Field(min_length=1)]
HIDDEN = "-hidden"
"""What the id of a hidden check ends in, after the id of its step."""


class Strict(BaseModel):
    """A mapping without unknown keys: a misspelt one is an error, not a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class PhaseFile(Strict):
    """A phase in course.yml."""

    id: Slug
    letter: Annotated[str, Field(pattern=r"^[A-Z]$")]
    title: Text


class CourseFile(Strict):
    """course.yml."""

    slug: Slug
    title: Text
    description: Text
    # A course that asks for what this version cannot do is refused, not graded otherwise.
    isolation: Literal["shared"] = "shared"
    pass_percent: Annotated[int, Field(ge=1, le=100)] = 80
    phases: Annotated[list[PhaseFile], Field(min_length=1)]
    projects: Annotated[list[Slug], Field(min_length=1)]


class StepFile(Strict):
    """A step in project.yml."""

    id: StepId
    title: Text
    points: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
    concept: Annotated[str, Field(pattern=r"^[a-z0-9-]+#[A-Za-z0-9_-]+$")]
    hints: Annotated[list[Text], Field(min_length=3, max_length=3)]


class ProjectFile(Strict):
    """project.yml."""

    number: Annotated[int, Field(ge=1)]
    title: Text
    description: Text
    phase: Slug
    difficulty: Annotated[int, Field(ge=1, le=5)]
    minutes: Annotated[int, Field(ge=1)]
    prerequisites: list[Slug] = []
    concepts: Annotated[list[Slug], Field(min_length=1)]
    notebook: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+\.ipynb$")] = "project.ipynb"
    editable: list[Text] = []
    steps: Annotated[list[StepFile], Field(min_length=1)]
    applications: list[Text] = []


class FaultyFile(Strict):
    """faulty.yml."""

    reason: Text
    fails: Annotated[list[StepId], Field(min_length=1)]


class MappingFile(Strict):
    """A real-world mapping in a concept page's front matter."""

    company: Text
    use_case: Text
    industry: Text
    case_study_url: HttpUrl
    relevance: Annotated[int, Field(ge=1, le=5)]
    example_code: str | None = None


class ConceptFile(BaseModel):
    """What Milepost reads of a concept page's front matter; the book may keep more in it."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)

    slug: Slug
    name: Text
    description: Text
    related: list[Slug] = []
    career: list[Text] = []
    mappings: list[MappingFile] = []

"""Courses and what is in them, as read: every list in a constant number of queries."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, Table, select

from milepost.adapters.sql.catalogue_writer import CatalogueWriter
from milepost.adapters.sql.tables.catalogue import (
    concepts,
    courses,
    phases,
    project_concepts,
    project_prerequisites,
    projects,
    real_world_mappings,
    related_concepts,
    steps,
)
from milepost.adapters.sql.unit import Unit
from milepost.domain.catalogue import (
    Concept,
    Course,
    Isolation,
    Phase,
    Project,
    RealWorldMapping,
    Step,
)
from milepost.ports.store import CourseRow, ProjectRow

_Ids = Select[tuple[int]]
_Rows = list[Row[Any]]


class SqlCatalogue:
    """Implements `Catalogue`."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def put(self, course: Course, concepts: Sequence[Concept]) -> None:
        """Add or update a course, whole. Raises InvalidError."""
        CatalogueWriter(self._unit).put(course, concepts)

    def courses(self) -> list[CourseRow]:
        """Every course, by slug."""
        found = self._grouped(phases, phases.c.course_id, None)
        rows = self._unit.connection.execute(select(courses).order_by(courses.c.slug))
        return [_course(row, found[row.id]) for row in rows]

    def projects(self, *, course: str | None = None) -> list[ProjectRow]:
        """Return the listed projects, by course and number."""
        return [row for row in self._listed() if course in {None, row.course}]

    def project(self, project_id: int) -> ProjectRow | None:
        """One project, by id, listed or not."""
        chosen = select(projects.c.id).where(projects.c.id == project_id)
        found = [row for row in self._listed() if row.id == project_id] or self._projects(chosen)
        return found[0] if found else None

    def project_by_slug(self, course: str, slug: str) -> ProjectRow | None:
        """One listed project, by course and slug."""
        for row in self._listed():
            if (row.course, row.project.slug) == (course, slug):
                return row
        return None

    def concepts(self, *, project_id: int | None = None) -> list[Concept]:
        """Return concepts with their mappings: all, by slug, or a project's, in its order."""
        query = select(concepts).order_by(concepts.c.slug)
        chosen: _Ids = select(concepts.c.id)
        if project_id is not None:
            link = project_concepts.c
            query = (
                select(concepts)
                .join(project_concepts, link.concept_id == concepts.c.id)
                .where(link.project_id == project_id)
                .order_by(link.position)
            )
            chosen = select(link.concept_id).where(link.project_id == project_id)
        related = self._linked(related_concepts, "concept_id", "related_id", concepts, chosen)
        mapped = self._grouped(real_world_mappings, real_world_mappings.c.concept_id, chosen)
        rows = self._unit.connection.execute(query)
        return [_concept(row, related[row.id], mapped[row.id]) for row in rows]

    def _listed(self) -> tuple[ProjectRow, ...]:
        """Return the listed projects: one query where they were read since the last `put`."""
        query = select(courses.c.id, courses.c.revision)
        revisions = frozenset(
            (row.id, row.revision) for row in self._unit.connection.execute(query)
        )
        rows = self._unit.cache.projects(revisions)
        if rows is None:
            rows = tuple(self._projects(select(projects.c.id).where(projects.c.listed)))
            if not self._unit.writes:
                # What a writer reads may be rolled back, or of two moments.
                self._unit.cache.keep(revisions, rows)
        return rows

    def _projects(self, chosen: _Ids) -> list[ProjectRow]:
        needed = self._linked(
            project_prerequisites, "project_id", "prerequisite_id", projects, chosen
        )
        exercised = self._linked(project_concepts, "project_id", "concept_id", concepts, chosen)
        graded = self._grouped(steps, steps.c.project_id, chosen)
        query = (
            select(projects, courses.c.slug.label("course"), courses.c.pass_percent)
            .join(courses, courses.c.id == projects.c.course_id)
            .where(projects.c.id.in_(chosen))
            .order_by(courses.c.slug, projects.c.project_number, projects.c.id)
        )
        rows = self._unit.connection.execute(query)
        return [_project(row, needed[row.id], exercised[row.id], graded[row.id]) for row in rows]

    def _grouped(self, table: Table, owner: Any, chosen: _Ids | None) -> dict[int, _Rows]:  # noqa: ANN401
        query = select(table, owner.label("owner")).order_by(owner, table.c.position)
        return self._by_owner(query if chosen is None else query.where(owner.in_(chosen)))

    def _linked(
        self, link: Table, owner: str, target: str, of: Table, chosen: _Ids
    ) -> dict[int, _Rows]:
        query = (
            select(link.c[owner].label("owner"), of.c.id, of.c.slug)
            .join(of, of.c.id == link.c[target])
            .where(link.c[owner].in_(chosen))
            .order_by(link.c[owner], link.c.position)
        )
        return self._by_owner(query)

    def _by_owner(self, query: Select[Any]) -> dict[int, _Rows]:
        grouped: dict[int, _Rows] = defaultdict(list)
        for row in self._unit.connection.execute(query):
            grouped[row.owner].append(row)
        return grouped


def _course(row: Row[Any], of_course: _Rows) -> CourseRow:
    return CourseRow(
        row.id,
        row.slug,
        row.title,
        row.description,
        Isolation(row.isolation),
        row.pass_percent,
        tuple(Phase(phase.slug, phase.letter, phase.title) for phase in of_course),
    )


def _project(row: Row[Any], needed: _Rows, exercised: _Rows, graded: _Rows) -> ProjectRow:
    project = Project(
        number=row.project_number,
        slug=row.slug,
        title=row.title,
        description=row.description,
        phase=row.phase,
        difficulty=row.difficulty,
        minutes=row.estimated_time,
        prerequisites=tuple(other.slug for other in needed),
        concepts=tuple(concept.slug for concept in exercised),
        notebook=row.notebook,
        editable=tuple(row.editable),
        steps=tuple(
            Step(step.slug, step.title, step.points, step.concept, tuple(step.hints))
            for step in graded
        ),
        applications=tuple(row.applications),
    )
    ids = tuple(other.id for other in needed)
    return ProjectRow(row.id, row.course, project, ids, row.pass_percent)


def _concept(row: Row[Any], related: _Rows, mapped: _Rows) -> Concept:
    return Concept(
        row.slug,
        row.name,
        row.description,
        row.documentation_path,
        tuple(other.slug for other in related),
        tuple(row.career),
        tuple(
            RealWorldMapping(
                case.company_name,
                case.use_case,
                case.industry,
                case.case_study_url,
                case.relevance_score,
                case.example_code,
            )
            for case in mapped
        ),
    )

"""Put a course into the database, whole."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import uuid4

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy import insert as plain_insert

from milepost.adapters.sql.concept_writer import ConceptWriter
from milepost.adapters.sql.tables.catalogue import (
    courses,
    phases,
    project_concepts,
    project_prerequisites,
    projects,
    steps,
)
from milepost.adapters.sql.unit import Unit
from milepost.domain.catalogue import Concept, Course, Project
from milepost.domain.errors import InvalidError

_PUT_LOCK = 7_201_002
"""PostgreSQL's advisory lock of whoever changes the catalogue: concepts are every course's."""


class CatalogueWriter:
    """Adds and updates; rows keep their ids, which attempts and progress refer to."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._connection = unit.connection

    def put(self, course: Course, concepts: Sequence[Concept]) -> None:
        """Add or update a course. Raises InvalidError for a name that nothing answers to."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(select(func.pg_advisory_xact_lock(_PUT_LOCK)))
        _check(course)
        concept_writer = ConceptWriter(self._unit)
        concept_writer.put(concepts)
        course_id = self._course(course)
        project_ids = self._projects(course_id, course)
        self._contents(course, project_ids, concept_writer.ids())
        concept_writer.forget_unused(keep={concept.slug for concept in concepts})

    def _course(self, course: Course) -> int:
        values = {
            "title": course.title,
            "description": course.description,
            "isolation": course.isolation.value,
            "pass_percent": course.pass_percent,
            "revision": uuid4(),
        }
        insert = self._unit.insert(courses).values(slug=course.slug, **values)
        upsert = insert.on_conflict_do_update(index_elements=["slug"], set_=values)
        course_id: int = self._connection.execute(upsert.returning(courses.c.id)).scalar_one()
        self._replace(
            phases,
            "course_id",
            [course_id],
            [
                {
                    "course_id": course_id,
                    "slug": phase.id,
                    "position": position,
                    "letter": phase.letter,
                    "title": phase.title,
                }
                for position, phase in enumerate(course.phases)
            ],
        )
        return course_id

    def _projects(self, course_id: int, course: Course) -> dict[str, int]:
        # All leave the list, and those of the course come back: numbers may so be exchanged.
        self._connection.execute(
            update(projects).where(projects.c.course_id == course_id).values(listed=False)
        )
        return {project.slug: self._project(course_id, project) for project in course.projects}

    def _project(self, course_id: int, project: Project) -> int:
        values = {
            "project_number": project.number,
            "title": project.title,
            "description": project.description,
            "concept": next(iter(project.concepts), ""),
            "phase": project.phase,
            "difficulty": project.difficulty,
            "estimated_time": project.minutes,
            "notebook": project.notebook,
            "editable": list(project.editable),
            "applications": list(project.applications),
            "listed": True,
        }
        insert = self._unit.insert(projects).values(
            course_id=course_id, slug=project.slug, **values
        )
        upsert = insert.on_conflict_do_update(index_elements=["course_id", "slug"], set_=values)
        project_id: int = self._connection.execute(upsert.returning(projects.c.id)).scalar_one()
        return project_id

    def _contents(
        self, course: Course, ids: Mapping[str, int], concept_ids: Mapping[str, int]
    ) -> None:
        needed = [
            {"project_id": ids[project.slug], "prerequisite_id": ids[slug], "position": position}
            for project in course.projects
            for position, slug in enumerate(project.prerequisites)
        ]
        exercised = [
            {
                "project_id": ids[project.slug],
                "concept_id": _known(concept_ids, slug, f"project {project.slug}: concept"),
                "position": position,
            }
            for project in course.projects
            for position, slug in enumerate(project.concepts)
        ]
        self._replace(project_prerequisites, "project_id", ids.values(), needed)
        self._replace(project_concepts, "project_id", ids.values(), exercised)
        self._replace(steps, "project_id", ids.values(), _steps(course, ids))

    def _replace(
        self, table: Table, owner: str, owners: Iterable[int], rows: Sequence[Mapping[str, object]]
    ) -> None:
        self._connection.execute(delete(table).where(table.c[owner].in_(list(owners))))
        if rows:
            self._connection.execute(plain_insert(table), [dict(row) for row in rows])


def _steps(course: Course, ids: Mapping[str, int]) -> list[dict[str, object]]:
    return [
        {
            "project_id": ids[project.slug],
            "slug": step.id,
            "position": position,
            "title": step.title,
            "points": step.points,
            "concept": step.concept,
            "hints": list(step.hints),
        }
        for project in course.projects
        for position, step in enumerate(project.steps)
    ]


def _check(course: Course) -> None:
    known_phases = {phase.id: 0 for phase in course.phases}
    known_projects = {project.slug: 0 for project in course.projects}
    for project in course.projects:
        _known(known_phases, project.phase, f"project {project.slug}: phase")
        for slug in project.prerequisites:
            _known(known_projects, slug, f"project {project.slug}: prerequisite")
    numbers = [project.number for project in course.projects]
    twice = sorted({number for number in numbers if numbers.count(number) > 1})
    if twice or len(known_projects) < len(course.projects):
        raise InvalidError(
            f"course {course.slug}: every project needs a slug and a number of its own"
            + (f"; given twice: {', '.join(map(str, twice))}." if twice else ".")
        )


def _known(ids: Mapping[str, int], slug: str, what: str) -> int:
    if slug not in ids:
        raise InvalidError(f"{what} {slug!r} is not known.")
    return ids[slug]

"""Put the book's concepts into the database."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, insert, or_, select, update

from milepost.adapters.sql.tables.catalogue import (
    concepts,
    project_concepts,
    real_world_mappings,
    related_concepts,
)
from milepost.adapters.sql.unit import Unit
from milepost.domain.catalogue import Concept
from milepost.domain.errors import InvalidError


class ConceptWriter:
    """Adds and updates concepts; a row keeps its id for as long as its slug stays."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._connection = unit.connection

    def put(self, given: Sequence[Concept]) -> None:
        """Add or update the concepts with their mappings and relations. Raises InvalidError."""
        _check(given)
        self._free_names(given)
        for concept in given:
            self._upsert(concept)
        ids = self.ids()
        owners = [ids[concept.slug] for concept in given]
        for table in (real_world_mappings, related_concepts):
            self._connection.execute(delete(table).where(table.c.concept_id.in_(owners)))
        if cases := _mappings(given, ids):
            self._connection.execute(insert(real_world_mappings), cases)
        if links := _relations(given, ids):
            self._connection.execute(insert(related_concepts), links)

    def ids(self) -> dict[str, int]:
        """Return the id of every concept, by slug."""
        rows = self._connection.execute(select(concepts.c.slug, concepts.c.id))
        return {row.slug: row.id for row in rows}

    def forget_unused(self, keep: Collection[str]) -> None:
        """Remove concepts that are not to be kept and that no project exercises."""
        query = select(concepts.c.id).where(
            concepts.c.slug.not_in(list(keep)),
            concepts.c.id.not_in(select(project_concepts.c.concept_id)),
        )
        gone = list(self._connection.scalars(query))
        related = or_(
            related_concepts.c.concept_id.in_(gone), related_concepts.c.related_id.in_(gone)
        )
        self._connection.execute(delete(related_concepts).where(related))
        self._connection.execute(
            delete(real_world_mappings).where(real_world_mappings.c.concept_id.in_(gone))
        )
        self._connection.execute(delete(concepts).where(concepts.c.id.in_(gone)))

    def _free_names(self, given: Sequence[Concept]) -> None:
        # Names are unique, so a name that moves to another slug is first taken from its holder.
        names = {concept.name: concept.slug for concept in given}
        rows = self._connection.execute(
            select(concepts.c.id, concepts.c.slug, concepts.c.name).where(
                concepts.c.name.in_(list(names))
            )
        )
        moving = [row for row in rows if names[row.name] != row.slug]
        for row in moving:
            self._connection.execute(
                update(concepts)
                .where(concepts.c.id == row.id)
                .values(name=f"{row.name} (formerly {row.slug})")
            )

    def _upsert(self, concept: Concept) -> None:
        values = {
            "name": concept.name,
            "description": concept.description,
            "documentation_path": concept.documentation_path,
            "career": list(concept.career),
        }
        inserted = self._unit.insert(concepts).values(slug=concept.slug, **values)
        self._connection.execute(
            inserted.on_conflict_do_update(index_elements=["slug"], set_=values)
        )


def _check(given: Sequence[Concept]) -> None:
    for attribute in ("slug", "name"):
        values = [getattr(concept, attribute) for concept in given]
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise InvalidError(f"Two concepts have the same {attribute}: {', '.join(twice)}.")


def _mappings(given: Sequence[Concept], ids: dict[str, int]) -> list[dict[str, object]]:
    return [
        {
            "concept_id": ids[concept.slug],
            "position": position,
            "company_name": case.company,
            "use_case": case.use_case,
            "case_study_url": case.case_study_url,
            "industry": case.industry,
            "relevance_score": case.relevance,
            "example_code": case.example_code,
        }
        for concept in given
        for position, case in enumerate(concept.mappings)
    ]


def _relations(given: Sequence[Concept], ids: dict[str, int]) -> list[dict[str, object]]:
    links: list[dict[str, object]] = []
    for concept in given:
        for position, slug in enumerate(concept.related):
            if slug not in ids:
                raise InvalidError(
                    f"concept {concept.slug}: the related concept {slug!r} is not known."
                )
            links.append(
                {
                    "concept_id": ids[concept.slug],
                    "related_id": ids[slug],
                    "position": position,
                }
            )
    return links

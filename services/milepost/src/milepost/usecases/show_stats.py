"""Sum up a learner's work."""

from collections.abc import Sequence
from dataclasses import dataclass

from milepost.domain.catalogue import Concept
from milepost.domain.progress import Progress, Status, mastery
from milepost.ports.store import ProjectRow
from milepost.usecases.actor import Actor
from milepost.usecases.deps import Deps


@dataclass(frozen=True)
class ConceptMastery:
    """How well a learner masters a concept, 0 to 100."""

    slug: str
    name: str
    mastery: int


@dataclass(frozen=True)
class Stats:
    """Counts of projects; points of their best attempts; time in seconds."""

    completed: int
    in_progress: int
    total: int
    points: float
    max_points: float
    time_spent: int
    attempts: int
    concepts: tuple[ConceptMastery, ...]


def show_stats(deps: Deps, actor: Actor) -> Stats:
    """Return the learner's figures over all listed projects."""
    actor.must_learn()
    with deps.store.reading() as tx:
        rows = tx.catalogue.projects()
        progress = tx.progress.all(actor.username)
        concepts = tx.catalogue.concepts()
    return sum_up(rows, [progress.get(row.id, Progress()) for row in rows], concepts)


def sum_up(
    rows: Sequence[ProjectRow], progress: Sequence[Progress], concepts: Sequence[Concept]
) -> Stats:
    """Return the figures of projects and the progress with each, in the same order."""
    percents = {row.id: at.completion_percentage for row, at in zip(rows, progress, strict=True)}
    return Stats(
        completed=sum(at.status is Status.COMPLETED for at in progress),
        in_progress=sum(at.status is Status.IN_PROGRESS for at in progress),
        total=len(rows),
        points=sum(row.project.points * percents[row.id] / 100 for row in rows),
        max_points=sum(row.project.points for row in rows),
        time_spent=sum(at.time_spent for at in progress),
        attempts=sum(at.attempts for at in progress),
        concepts=_concepts(rows, percents, concepts),
    )


def _concepts(
    rows: Sequence[ProjectRow], percents: dict[int, int], concepts: Sequence[Concept]
) -> tuple[ConceptMastery, ...]:
    mastered = mastery({row.id: row.project.concepts for row in rows}, percents)
    names = {concept.slug: concept.name for concept in concepts}
    return tuple(
        ConceptMastery(slug, names.get(slug, slug), value) for slug, value in mastered.items()
    )

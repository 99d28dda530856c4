"""Show how far a learner is, by project."""

from milepost.domain.progress import Progress
from milepost.ports.store import ProjectRow
from milepost.usecases.actor import Actor
from milepost.usecases.deps import Deps


def show_progress(deps: Deps, actor: Actor) -> list[tuple[ProjectRow, Progress]]:
    """Return the learner's progress with every listed project, by course and number."""
    actor.must_learn()
    with deps.store.reading() as tx:
        rows = tx.catalogue.projects()
        progress = tx.progress.all(actor.username)
    return [(row, progress.get(row.id, Progress())) for row in rows]

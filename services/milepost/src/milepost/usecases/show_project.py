"""Show one project, its concepts, and where the world uses them."""

from milepost.domain.catalogue import Concept
from milepost.usecases.actor import Actor
from milepost.usecases.deps import Deps
from milepost.usecases.project_view import ProjectView, view_by_id


def show_project(deps: Deps, actor: Actor, project_id: int) -> ProjectView:
    """Return a project as the actor sees it; locked ones can be looked at. NotFoundError."""
    actor.must_learn()
    with deps.store.reading() as tx:
        return view_by_id(tx, actor.username, project_id)


def show_concepts(deps: Deps, actor: Actor, project_id: int) -> list[Concept]:
    """Return the concepts that a project exercises, with their mappings. NotFoundError."""
    actor.must_learn()
    with deps.store.reading() as tx:
        view_by_id(tx, actor.username, project_id)
        return tx.catalogue.concepts(project_id=project_id)

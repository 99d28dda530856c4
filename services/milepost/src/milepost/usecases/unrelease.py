"""Withdraw a project from learners."""

from milepost.domain.errors import NotFoundError
from milepost.usecases.actor import Actor
from milepost.usecases.deps import Deps
from milepost.usecases.project_view import project_row


def unrelease(deps: Deps, actor: Actor, course: str, slug: str) -> None:
    """Withdraw the release; attempts and grades stay. Raises ForbiddenError, NotFoundError."""
    actor.must_teach(course)
    with deps.store.transaction() as tx:
        row = project_row(tx, course, slug)
        if not tx.releases.remove(row.id):
            raise NotFoundError(f"The project {slug} is not released.")

"""Note that a learner opened a project, or spent time on it."""

from dataclasses import replace

from milepost.domain.progress import Progress, after_visit
from milepost.usecases.actor import Actor
from milepost.usecases.deps import Deps
from milepost.usecases.project_view import ProjectView, view_by_id

LONGEST_REPORT = 15 * 60
"""Seconds that one report may add: whoever is at work reports every minute or so."""


def visit(deps: Deps, actor: Actor, project_id: int, seconds: int = 0) -> ProjectView:
    """Add the time that can have passed since the last visit, at most `seconds`.

    Raises NotFoundError, LockedError.
    """
    actor.must_learn()
    now = deps.now()
    with deps.store.transaction() as tx:
        view = view_by_id(tx, actor.username, project_id)
        view.must_be_open()
        before = tx.progress.get(actor.username, project_id)
        passed = (now - before.last_accessed).total_seconds() if before.last_accessed else 0
        counted = max(0, min(seconds, int(passed), LONGEST_REPORT))
        after: Progress = after_visit(before, counted, now)
        tx.progress.save(actor.username, project_id, after)
    return replace(view, progress=after)

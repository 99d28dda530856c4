"""Find the project a learner should go on with."""

from collections.abc import Sequence
from datetime import UTC, datetime

from milepost.domain.progress import ProjectState
from milepost.usecases.project_view import ProjectView

_NEVER = datetime.min.replace(tzinfo=UTC)


def next_project(views: Sequence[ProjectView]) -> ProjectView | None:
    """Return the project last worked on, else the first that is open, else None: all is done."""
    begun = [view for view in views if view.state is ProjectState.IN_PROGRESS]
    if begun:
        return max(begun, key=lambda view: view.progress.last_accessed or _NEVER)
    return next((view for view in views if view.state is ProjectState.NOT_STARTED), None)

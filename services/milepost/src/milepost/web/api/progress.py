"""Progress: read it, and report time; only graded attempts raise it."""

from http import HTTPStatus

from milepost.usecases.actor import Actor
from milepost.usecases.show_progress import show_progress
from milepost.usecases.show_stats import show_stats
from milepost.usecases.visit import visit
from milepost.web.api.handler import ApiHandler
from milepost.web.operation import operation
from milepost.web.schemas.progress import (
    ProgressItem,
    ProgressList,
    ProgressReport,
    StatsDocument,
)


class ProgressHandler(ApiHandler):
    """/progress."""

    @operation("One's own progress with every project", response=ProgressList)
    def get(self, actor: Actor) -> ProgressList:
        """Return the progress."""
        return ProgressList.of(show_progress(self.deps, actor))

    @operation(
        "Report that a project was opened, or time spent on it",
        body=ProgressReport,
        response=ProgressItem,
        errors=(HTTPStatus.NOT_FOUND,),
    )
    def post(self, actor: Actor, body: ProgressReport) -> ProgressItem:
        """Return the progress after it."""
        view = visit(self.deps, actor, body.project_id, body.seconds)
        return ProgressItem.of(view.row, view.progress)


class StatsHandler(ApiHandler):
    """/progress/stats."""

    @operation("One's own figures", response=StatsDocument)
    def get(self, actor: Actor) -> StatsDocument:
        """Return the figures."""
        return StatsDocument.of(show_stats(self.deps, actor))

"""The first page after sign-in."""

from itertools import groupby

from milepost.usecases.project_view import ProjectView
from milepost.usecases.show_dashboard import CourseBoard, show_dashboard
from milepost.web.addresses import open_url
from milepost.web.pages.handler import PageHandler


class DashboardPage(PageHandler):
    """What to do next, how the last attempt went, and every project with its state."""

    async def get(self) -> None:
        """Show it."""
        await self.show("dashboard.html", self._read)

    def _read(self) -> dict[str, object]:
        board = show_dashboard(self.deps, self.actor)
        return {
            "board": board,
            "last_event": board.last_event,
            "concept_names": {concept.slug: concept.name for concept in board.stats.concepts},
            "boards": [(course, phases(course)) for course in board.courses],
            "next_url": open_url(self.services, board.next.row) if board.next else None,
            "titles": {
                view.row.id: view.row.project.title
                for course in board.courses
                for view in course.projects
            },
        }


def phases(course: CourseBoard) -> list[tuple[str, str, list[ProjectView]]]:
    """Return a course's projects by phase, in their order, each with its letter and title."""
    titles = {phase.id: (phase.letter, phase.title) for phase in course.row.phases}
    grouped = groupby(course.projects, key=lambda view: view.row.project.phase)
    return [(*titles.get(phase, ("", phase)), list(views)) for phase, views in grouped]

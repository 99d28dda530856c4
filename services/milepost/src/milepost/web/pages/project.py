"""One project's page."""

from milepost.usecases.show_dashboard import show_board
from milepost.usecases.show_project import show_concepts
from milepost.web.addresses import open_url
from milepost.web.pages.handler import PageHandler


class ProjectPage(PageHandler):
    """What the project is about, its steps with hints, and how the learner's attempts went."""

    async def get(self, course: str, project: str) -> None:
        """Show it."""
        await self.show("project.html", lambda: self._read(course, project))

    def _read(self, course: str, slug: str) -> dict[str, object]:
        board = show_board(self.deps, self.actor, course, slug)
        concepts = show_concepts(self.deps, self.actor, board.view.row.id)
        return {
            "board": board,
            "view": board.view,
            "project": board.view.row.project,
            "concepts": concepts,
            "concept_names": {concept.slug: concept.name for concept in concepts},
            "cases": [(concept, mapping) for concept in concepts for mapping in concept.mappings],
            "open_url": open_url(self.services, board.view.row),
            "last_event": board.last_event,
        }

"""Browse projects, with the learner's own state and score."""

from dataclasses import dataclass

from milepost.usecases.actor import Actor
from milepost.usecases.deps import Deps
from milepost.usecases.page import Page, first_page
from milepost.usecases.project_view import ProjectView, all_views


@dataclass(frozen=True)
class ProjectFilter:
    """Which projects to show; None means any. `text` is looked for in words a learner reads."""

    course: str | None = None
    phase: str | None = None
    concept: str | None = None
    difficulty: int | None = None
    text: str | None = None

    def accepts(self, view: ProjectView) -> bool:
        """Whether a project is among those asked for."""
        project = view.row.project
        return (
            self.course in (None, view.row.course)
            and self.phase in (None, project.phase)
            and (self.concept is None or self.concept in project.concepts)
            and self.difficulty in (None, project.difficulty)
            and (self.text is None or self.text.casefold() in _words(view))
        )


def browse(
    deps: Deps, actor: Actor, wanted: ProjectFilter, *, after: int | None = None, limit: int = 50
) -> Page[ProjectView]:
    """Return projects by course and number, from behind the one whose id is `after`."""
    actor.must_learn()
    with deps.store.reading() as tx:
        views = all_views(tx, actor.username)
    ids = [view.row.id for view in views]
    start = ids.index(after) + 1 if after in ids else 0
    found = [view for view in views[start:] if wanted.accepts(view)]
    return first_page(found, limit, lambda view: view.row.id)


def _words(view: ProjectView) -> str:
    project = view.row.project
    words = (project.slug, project.title, project.description, *project.concepts)
    return "\n".join(words).casefold()

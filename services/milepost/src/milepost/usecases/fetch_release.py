"""List what is released of a course, and fetch it."""

from dataclasses import dataclass

from milepost.domain.errors import NotFoundError
from milepost.ports.store import ReleaseRow
from milepost.usecases.actor import Actor
from milepost.usecases.deps import Deps
from milepost.usecases.project_view import ProjectView, all_views, view_by_slug


@dataclass(frozen=True)
class ReleasedProject:
    """A project that learners can get, and how the actor stands to it."""

    view: ProjectView
    release: ReleaseRow


def list_releases(deps: Deps, actor: Actor, course: str) -> list[ReleasedProject]:
    """Return the course's released projects, by number. Raises NotFoundError, ForbiddenError."""
    if course not in actor.teaches:
        actor.must_learn()
    with deps.store.reading() as tx:
        if course not in {row.slug for row in tx.catalogue.courses()}:
            raise NotFoundError(f"There is no course {course}.")
        views = [view for view in all_views(tx, actor.username) if view.row.course == course]
        releases = {release.project_id: release for release in tx.releases.all(course)}
    return [
        ReleasedProject(view, releases[view.row.id]) for view in views if view.row.id in releases
    ]


def find_release(deps: Deps, actor: Actor, course: str, slug: str) -> ReleaseRow:
    """Return the release, whose blob the actor may then read.

    Raises NotFoundError, ForbiddenError, and LockedError for a learner who is not that far yet.
    """
    if course not in actor.teaches:
        actor.must_learn()
    with deps.store.reading() as tx:
        view = view_by_slug(tx, actor.username, course, slug)
        released = tx.releases.get(view.row.id)
    if course not in actor.teaches:
        view.must_be_open()
    if released is None:
        raise NotFoundError(f"The project {slug} is not released.")
    return released

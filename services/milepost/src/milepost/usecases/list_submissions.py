"""List attempts: one's own, or those of the courses one teaches."""

from dataclasses import dataclass

from milepost.domain.errors import ForbiddenError
from milepost.ports.store import AttemptRow
from milepost.usecases.actor import Actor
from milepost.usecases.deps import Deps
from milepost.usecases.page import Page, first_page


@dataclass(frozen=True)
class SubmissionFilter:
    """Which attempts to list; None means any. `latest` keeps one a learner and project."""

    course: str | None = None
    project: str | None = None
    username: str | None = None
    latest: bool = False


def list_submissions(
    deps: Deps,
    actor: Actor,
    wanted: SubmissionFilter,
    *,
    before: int | None = None,
    limit: int = 50,
) -> Page[AttemptRow]:
    """Return attempts, newest first.

    An instructor who names no learner gets everybody's of the courses they teach; who teaches
    nothing there gets their own. Raises ForbiddenError for somebody else's.
    """
    username, courses = _scope(actor, wanted)
    with deps.store.reading() as tx:
        rows = tx.attempts.list(
            courses=courses,
            project=wanted.project,
            username=username,
            latest=wanted.latest,
            before=before,
            limit=limit + 1,
        )
    return first_page(rows, limit, lambda row: row.id)


def _scope(actor: Actor, wanted: SubmissionFilter) -> tuple[str | None, list[str] | None]:
    """Return the learner and the courses to which the list is held; None means any."""
    named = [wanted.course] if wanted.course is not None else None
    if wanted.username == actor.username:
        return actor.username, named
    taught = sorted(actor.teaches if named is None else actor.teaches.intersection(named))
    if taught:
        return wanted.username, taught
    if wanted.username is not None:
        raise ForbiddenError("Only instructors of the course may list somebody else's attempts.")
    actor.must_learn()
    return actor.username, named

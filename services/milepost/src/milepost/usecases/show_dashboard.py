"""Everything the first page shows, read in one transaction."""

from dataclasses import dataclass

from milepost.domain.attempts import AttemptState
from milepost.ports.store import CourseRow, Transaction
from milepost.usecases.actor import Actor
from milepost.usecases.deps import Deps
from milepost.usecases.next_project import next_project
from milepost.usecases.project_view import ProjectView, all_views, view_by_slug
from milepost.usecases.show_stats import Stats, sum_up
from milepost.usecases.show_submission import AttemptView
from milepost.usecases.submit import lane_of


@dataclass(frozen=True)
class CourseBoard:
    """A course with the learner's projects and figures."""

    row: CourseRow
    projects: tuple[ProjectView, ...]
    stats: Stats


@dataclass(frozen=True)
class Dashboard:
    """What a learner sees first. `ahead` submissions wait in front of `latest`, if that waits."""

    courses: tuple[CourseBoard, ...]
    stats: Stats
    next: ProjectView | None
    latest: AttemptView | None
    ahead: int
    last_event: int


@dataclass(frozen=True)
class ProjectBoard:
    """One project with the learner's attempts, newest first, and their results per step.

    `ahead` submissions wait in front of the newest, if that waits.
    """

    view: ProjectView
    phase: str
    attempts: tuple[AttemptView, ...]
    ahead: int
    last_event: int


MOST_ATTEMPTS = 20
"""How many attempts a project's page lists."""


def show_dashboard(deps: Deps, actor: Actor) -> Dashboard:
    """Return the learner's dashboard."""
    actor.must_learn()
    with deps.store.reading() as tx:
        # Read before the rest: an event that comes meanwhile is then told again, never missed.
        last_event = tx.events.last_id(actor.username)
        views = all_views(tx, actor.username)
        courses = tuple(_board(row, views) for row in tx.catalogue.courses())
        concepts = tx.catalogue.concepts()
        attempts = _attempts(tx, actor, None, 1)
        ahead = _ahead(tx, attempts)
    return Dashboard(
        courses=courses,
        stats=sum_up([view.row for view in views], [view.progress for view in views], concepts),
        next=next_project(views),
        latest=attempts[0] if attempts else None,
        ahead=ahead,
        last_event=last_event,
    )


def show_board(deps: Deps, actor: Actor, course: str, slug: str) -> ProjectBoard:
    """Return a project's page. Raises NotFoundError."""
    actor.must_learn()
    with deps.store.reading() as tx:
        last_event = tx.events.last_id(actor.username)
        view = view_by_slug(tx, actor.username, course, slug)
        attempts = _attempts(tx, actor, view, MOST_ATTEMPTS)
        phase = _phase_title(tx, view)
        return ProjectBoard(view, phase, attempts, _ahead(tx, attempts), last_event)


def _phase_title(tx: Transaction, view: ProjectView) -> str:
    phases = (phase for row in tx.catalogue.courses() for phase in row.phases)
    wanted = view.row.project.phase
    return next((phase.title for phase in phases if phase.id == wanted), wanted)


def _board(row: CourseRow, views: list[ProjectView]) -> CourseBoard:
    own = tuple(view for view in views if view.row.course == row.slug)
    stats = sum_up([view.row for view in own], [view.progress for view in own], ())
    return CourseBoard(row, own, stats)


def _attempts(
    tx: Transaction, actor: Actor, view: ProjectView | None, limit: int
) -> tuple[AttemptView, ...]:
    rows = tx.attempts.list(
        courses=None if view is None else [view.row.course],
        project=None if view is None else view.row.project.slug,
        username=actor.username,
        limit=limit,
    )
    return tuple(AttemptView(row, tx.attempts.steps(row.id)) for row in rows)


def _ahead(tx: Transaction, attempts: tuple[AttemptView, ...]) -> int:
    if not attempts or attempts[0].attempt.state is not AttemptState.QUEUED:
        return 0
    newest = attempts[0].attempt
    return tx.jobs.ahead(lane_of(newest.username, newest.project_id))

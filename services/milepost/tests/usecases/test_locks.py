"""Which projects are locked is judged alike wherever it is asked."""

from dataclasses import replace

from milepost.domain.events import EventKind
from milepost.domain.progress import ProjectState
from milepost.usecases.grade import begin, record
from milepost.usecases.project_view import all_views, view_by_id, view_by_slug
from milepost.usecases.read_events import read_events
from milepost.usecases.show_dashboard import show_board
from milepost.usecases.submit import Submission, submit

from services.milepost.tests.usecases.test_submit import ARCHIVE
from services.milepost.tests.usecases.world import World
from services.milepost.tests.web.support import seed


def _states(world: World) -> list[ProjectState]:
    """Return the states of the listed projects, for which every way of asking agrees."""
    with world.deps.store.reading() as tx:
        views = all_views(tx, "ada")
        for view in views:
            assert view == view_by_id(tx, "ada", view.row.id)
            assert view == view_by_slug(tx, "ada", "backend", view.row.project.slug)
    return [view.state for view in views]


def _complete_first(world: World) -> list[str]:
    """Have the first project graded as the worker does; return what this opened."""
    submit(world.deps, world.ada, Submission("backend", "first-server", "k", ARCHIVE))
    with world.deps.store.transaction() as tx:
        job = tx.jobs.claim("test", lease_seconds=30, now=world.clock())
    assert job is not None
    assert begin(world.deps, job) is not None
    record(world.deps, job, seed.outcome(hello=True, status=True))
    events = read_events(world.deps, world.ada, 0)
    return [event.data["project"] for event in events if event.kind is EventKind.PROJECT_UNLOCKED]


def test_every_way_of_asking_gives_the_same_answer(world: World):
    assert _states(world) == [ProjectState.NOT_STARTED, ProjectState.LOCKED, ProjectState.LOCKED]
    assert _complete_first(world) == ["second-server"]
    assert _states(world) == [
        ProjectState.COMPLETED,
        ProjectState.NOT_STARTED,
        ProjectState.LOCKED,
    ]


def test_a_prerequisite_that_left_the_course_locks_nothing(world: World):
    second, third = world.project_id("second-server"), world.project_id("sql-store")
    free = replace(seed.COURSE.projects[2], prerequisites=())
    with world.deps.store.transaction() as tx:
        tx.catalogue.put(replace(seed.COURSE, projects=(free,)), seed.CONCEPTS)
    assert _states(world) == [ProjectState.NOT_STARTED]
    with world.deps.store.reading() as tx:
        left = view_by_id(tx, "ada", second)
    assert (left.state, left.needs, left.missing) == (ProjectState.NOT_STARTED, (), ())
    board = show_board(world.deps, world.ada, "backend", "sql-store")
    assert (board.view.row.id, board.view.needs) == (third, ())

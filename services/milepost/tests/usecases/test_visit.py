"""Counting time, and finding what to do next."""

import pytest
from milepost.domain.errors import LockedError, NotFoundError
from milepost.domain.progress import Status
from milepost.usecases.show_dashboard import show_dashboard
from milepost.usecases.submit import Submission, submit
from milepost.usecases.visit import LONGEST_REPORT, visit

from services.milepost.tests.usecases.test_submit import ARCHIVE
from services.milepost.tests.usecases.world import World
from services.milepost.tests.web.support import seed


def test_the_first_visit_starts_the_clock_and_counts_nothing(world: World):
    progress = visit(world.deps, world.ada, world.project_id("first-server"), 600).progress
    assert (progress.status, progress.time_spent) == (Status.IN_PROGRESS, 0)
    assert progress.last_accessed == world.clock()


@pytest.mark.parametrize(
    ("passed", "reported", "counted"),
    [
        (60, 60, 60),
        (60, 50, 50),
        (60, 3600, 60),
        (86400, 86400, LONGEST_REPORT),
        (0.5, 10, 0),
        (-3600, 60, 0),
    ],
)
def test_no_more_time_counts_than_can_have_passed(
    world: World, passed: float, reported: int, counted: int
):
    project = world.project_id("first-server")
    visit(world.deps, world.ada, project)
    world.clock.pass_seconds(passed)
    assert visit(world.deps, world.ada, project, reported).progress.time_spent == counted


def test_a_locked_or_unknown_project_cannot_be_visited(world: World):
    with pytest.raises(LockedError):
        visit(world.deps, world.ada, world.project_id("second-server"))
    with pytest.raises(NotFoundError):
        visit(world.deps, world.ada, 10**15)


def test_a_visit_after_completion_does_not_take_it_back(world: World):
    _complete(world, "first-server")
    progress = visit(world.deps, world.ada, world.project_id("first-server")).progress
    assert (progress.status, progress.completion_percentage) == (Status.COMPLETED, 100)


def test_the_next_project_is_the_one_last_worked_on_else_the_first_that_is_open(world: World):
    def following() -> str | None:
        view = show_dashboard(world.deps, world.ada).next
        return view.row.project.slug if view else None

    assert following() == "first-server"
    _complete(world, "first-server")
    assert following() == "second-server"
    _complete(world, "second-server")
    visit(world.deps, world.ada, world.project_id("sql-store"))
    assert following() == "sql-store"
    _complete(world, "sql-store")
    assert following() is None


def _complete(world: World, slug: str) -> None:
    submission = Submission("backend", slug, slug, ARCHIVE)
    attempt = submit(world.deps, world.ada, submission).attempt
    world.grade(attempt.id, seed.outcome(hello=True, status=True))

"""Taking in attempts."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from jupyterlab_milepost.archive import digest, pack_files
from milepost.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    LockedError,
    NotFoundError,
    TooLargeError,
    TooManyError,
)
from milepost.domain.events import EventKind
from milepost.ports.blobs import BlobMissingError
from milepost.ports.bus import JOBS, learner_topic
from milepost.usecases.actor import Actor
from milepost.usecases.read_events import read_events
from milepost.usecases.submit import MOST_OPEN, Submission, submit

from services.milepost.tests.usecases.world import World
from services.milepost.tests.web.support import seed

ARCHIVE = pack_files({"project.ipynb": b"{}"})
OTHER = pack_files({"project.ipynb": b"[]"})


def _submission(project: str = "first-server", key: str = "k", archive: bytes = ARCHIVE):
    return Submission("backend", project, key, archive)


def test_blob_attempt_job_event_and_progress_are_there_together(world: World):
    accepted = submit(world.deps, world.ada, _submission())
    assert world.deps.blobs.get(accepted.attempt.sha256) == ARCHIVE
    with world.deps.store.transaction() as tx:
        job = tx.jobs.claim("test", lease_seconds=30, now=world.clock())
        assert job is not None
        assert (job.kind, job.payload) == ("grade", {"attempt_id": accepted.attempt.id})
        assert tx.progress.get("ada", accepted.attempt.project_id).last_accessed == world.clock()
    (event,) = read_events(world.deps, world.ada, 0)
    assert event.kind is EventKind.ATTEMPT_ACCEPTED
    assert event.data == {
        "attempt": accepted.attempt.id,
        "project_id": accepted.attempt.project_id,
        "course": "backend",
        "project": "first-server",
    }


async def test_worker_and_browser_are_woken_once_for_a_submission_and_its_repetition(world: World):
    bus = world.deps.bus
    async with bus.subscribe(JOBS) as jobs, bus.subscribe(learner_topic("ada")) as events:
        assert submit(world.deps, world.ada, _submission()).created
        await asyncio.wait_for(anext(jobs), 10)
        await asyncio.wait_for(anext(events), 10)
        assert not submit(world.deps, world.ada, _submission()).created
        late = asyncio.ensure_future(anext(jobs))
        assert await asyncio.wait({late}, timeout=0.2) == (set(), {late})
        late.cancel()


def test_a_repetition_with_other_content_is_a_conflict_and_stores_no_attempt(world: World):
    submit(world.deps, world.ada, _submission())
    with pytest.raises(ConflictError, match="other content"):
        submit(world.deps, world.ada, _submission(archive=OTHER))
    with pytest.raises(BlobMissingError):  # what is refused is not stored
        world.deps.blobs.get(digest(OTHER))
    with world.deps.store.reading() as tx:
        assert len(tx.attempts.list(username="ada")) == 1


def test_a_learner_waits_for_a_grade_when_too_many_attempts_are_open(world: World):
    attempts = [submit(world.deps, world.ada, _submission(key=f"{n}")) for n in range(MOST_OPEN)]
    with pytest.raises(TooManyError, match="5 of your submissions of “A first server”"):
        submit(world.deps, world.ada, _submission(key="more", archive=OTHER))
    with pytest.raises(BlobMissingError):
        world.deps.blobs.get(digest(OTHER))
    assert not submit(world.deps, world.ada, _submission(key="0")).created
    assert submit(world.deps, world.ines, _submission(key="more")).created
    world.grade(attempts[0].attempt.id, seed.outcome(hello=True, status=True))
    assert submit(world.deps, world.ada, _submission(key="more")).created
    assert submit(world.deps, world.ada, _submission("second-server")).created


def test_many_requests_at_once_do_not_get_past_the_limit(world: World):
    def send(number: int) -> bool:
        try:
            return submit(world.deps, world.ada, _submission(key=f"{number}")).created
        except TooManyError:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(send, range(3 * MOST_OPEN))) == MOST_OPEN


def test_a_locked_project_names_its_prerequisites(world: World):
    with pytest.raises(LockedError, match="complete “A first server” first"):
        submit(world.deps, world.ada, _submission("second-server"))


def test_an_instructor_may_try_a_locked_project(world: World):
    assert submit(world.deps, world.ines, _submission("second-server")).created


@pytest.mark.parametrize(
    ("submission", "error"),
    [
        (_submission("nothing"), NotFoundError),
        (_submission(key=""), InvalidError),
        (_submission(key="k" * 201), InvalidError),
        (_submission(archive=b"no archive"), InvalidError),
        (_submission(archive=bytes(51 * 2**20)), TooLargeError),
    ],
)
def test_what_cannot_be_graded_is_refused(
    world: World, submission: Submission, error: type[Exception]
):
    with pytest.raises(error):
        submit(world.deps, world.ada, submission)


def test_who_does_not_learn_cannot_submit(world: World):
    with pytest.raises(ForbiddenError):
        submit(world.deps, Actor("otto", learns=False, teaches=frozenset({"x"})), _submission())

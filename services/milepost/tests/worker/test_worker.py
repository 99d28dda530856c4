"""What a worker makes of submissions, in one process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from milepost.adapters.nbgrader.folders import put_away
from milepost.adapters.nbgrader.judge import NbgraderJudge
from milepost.domain.attempts import AttemptState, Verdict
from milepost.domain.errors import ConflictError
from milepost.domain.progress import Status
from milepost.usecases.dead_letters import dead_letters, retry
from milepost.worker import Worker, WorkerSettings

from services.milepost.tests.grading.support import sandbox
from services.milepost.tests.worker.support import Site, now

SETTINGS = WorkerSettings(slots=2, lease_seconds=5, tries=2, longest_pause=0.1)


@asynccontextmanager
async def working(site: Site, settings: WorkerSettings = SETTINGS) -> AsyncIterator[Worker]:
    judge = NbgraderJudge(site.built.roots, sandbox("bubblewrap"))
    worker = Worker(site.deps, judge, settings)
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    try:
        yield worker
    finally:
        stop.set()
        await running


async def wait(site: Site, true: Callable[[], bool]) -> None:
    await asyncio.to_thread(site.wait_for, true, "what the test waits for")


async def test_a_submission_becomes_a_grade_progress_and_events(site: Site) -> None:
    attempt = site.submit(site.built.solved()).attempt
    async with working(site):
        await asyncio.to_thread(site.wait_graded, attempt.id)
    row = site.attempt(attempt.id)
    assert (row.verdict, row.points, row.percent) == (Verdict.PASSED, 5, 100)
    with site.deps.store.reading() as tx:
        progress = tx.progress.get("ada", row.project_id)
        steps = tx.attempts.steps(row.id)
    assert (progress.status, progress.attempts) == (Status.COMPLETED, 1)
    assert [(step.step, step.points) for step in steps] == [("double", 2), ("total", 3)]
    assert site.kinds() == [
        "attempt.accepted",
        "attempt.started",
        "attempt.graded",
        "progress.changed",
        "project.unlocked",
    ]
    assert site.events()[-1].data["project"] == "greeting"
    assert site.counts() == {"queued": 0, "running": 0, "done": 1, "dead": 0}
    assert sum(site.built.scores("ada").values()) == 5


async def test_the_learner_is_rung_when_the_grade_is_there(site: Site) -> None:
    async with working(site), site.deps.bus.subscribe("events:ada") as rings:
        attempt = site.submit(site.built.released()).attempt
        async with asyncio.timeout(60):
            async for _ in rings:
                if site.attempt(attempt.id).state is AttemptState.GRADED:
                    break
    assert site.attempt(attempt.id).verdict is Verdict.FAILED


async def test_the_same_submission_twice_is_graded_once(site: Site) -> None:
    first = site.submit(site.built.solved(), key="same")
    second = site.submit(site.built.solved(), key="same")
    assert (first.attempt.id, second.created) == (second.attempt.id, False)
    async with working(site):
        await asyncio.to_thread(site.wait_graded, first.attempt.id)
    assert site.kinds().count("attempt.graded") == 1
    assert site.counts()["done"] == 1


async def test_attempts_of_one_project_are_graded_in_their_order(site: Site) -> None:
    wrong = site.submit(site.built.released(), key="1").attempt
    right = site.submit(site.built.solved(), key="2").attempt
    async with working(site):
        await asyncio.to_thread(site.wait_graded, right.id)
    graded = [e.data["attempt"] for e in site.events() if e.kind.value == "attempt.graded"]
    assert graded == [wrong.id, right.id]
    assert sum(site.built.scores("ada").values()) == 5


async def test_two_workers_grade_every_submission_once(site: Site) -> None:
    names = [f"learner-{number}" for number in range(6)]
    attempts = [site.submit(site.built.solved(), username=name).attempt for name in names]
    async with working(site), working(site):
        for attempt in attempts:
            await asyncio.to_thread(site.wait_graded, attempt.id)
    assert all(site.attempt(attempt.id).percent == 100 for attempt in attempts)
    assert all(site.kinds(name).count("attempt.graded") == 1 for name in names)
    assert site.counts()["done"] == 6


async def test_what_is_our_fault_is_tried_again_and_then_set_aside_and_said(site: Site) -> None:
    put_away(site.built.root.source / "adding", aside=site.home)
    attempt = site.submit(site.built.solved()).attempt
    async with working(site):
        await asyncio.to_thread(site.wait_graded, attempt.id)
    row = site.attempt(attempt.id)
    assert (row.state, row.verdict) == (AttemptState.DEAD, None)
    assert "our fault" in row.message
    assert site.kinds()[-1] == "attempt.dead"
    assert site.counts()["dead"] == 1
    with site.deps.store.reading() as tx:
        assert tx.progress.get("ada", row.project_id).completion_percentage == 0


async def test_what_was_set_aside_is_seen_and_graded_once_the_operator_says_so(site: Site) -> None:
    put_away(site.built.root.source / "adding", aside=site.home)
    attempt = site.submit(site.built.solved()).attempt
    async with working(site):
        await asyncio.to_thread(site.wait_graded, attempt.id)
    (letter,) = dead_letters(site.deps)
    assert letter.attempt is not None
    assert letter.attempt.id == attempt.id
    assert "milepost course build" in letter.job.error
    site.build_anew()
    assert retry(site.deps, letter.job.id) == letter
    row = site.attempt(attempt.id)
    assert (row.state, row.message) == (AttemptState.QUEUED, "")
    assert dead_letters(site.deps) == []
    async with working(site):
        await asyncio.to_thread(site.wait_graded, attempt.id)
    assert site.attempt(attempt.id).percent == 100


async def test_older_work_is_not_graded_again_over_newer(site: Site) -> None:
    put_away(site.built.root.source / "adding", aside=site.home)
    old = site.submit(site.built.released(), key="old").attempt
    async with working(site):
        await asyncio.to_thread(site.wait_graded, old.id)
        site.build_anew()
        new = site.submit(site.built.solved(), key="new").attempt
        await asyncio.to_thread(site.wait_graded, new.id)
    (letter,) = dead_letters(site.deps)
    with pytest.raises(ConflictError, match="a newer submission of adding"):
        retry(site.deps, letter.job.id)
    assert dead_letters(site.deps) == [letter]


async def test_a_fault_of_ours_that_passes_costs_the_learner_nothing(site: Site) -> None:
    source = site.built.root.source / "adding"
    source.rename(site.home / "aside")
    attempt = site.submit(site.built.solved()).attempt
    settings = WorkerSettings(lease_seconds=5, tries=50, longest_pause=0.1)
    async with working(site, settings):
        await wait(site, lambda: site.kinds().count("attempt.started") > 1)
        (site.home / "aside").rename(source)
        await asyncio.to_thread(site.wait_graded, attempt.id)
    assert site.attempt(attempt.id).percent == 100


async def test_a_worker_that_stops_gives_back_what_it_has_begun(site: Site) -> None:
    attempt = site.submit_slow(4).attempt
    settings = WorkerSettings(lease_seconds=60, drain_seconds=0.1)
    async with working(site, settings):
        await wait(site, lambda: "attempt.started" in site.kinds())
    assert site.attempt(attempt.id).state is AttemptState.QUEUED
    assert site.counts()["queued"] == 1
    with site.deps.store.transaction() as tx:
        job = tx.jobs.claim("a look", lease_seconds=5, now=now())
        assert job is not None
        assert job.tries == 1  # so what was broken off was none
        tx.jobs.retry(job.id, job.fence, at=now(), error="", counted=False)
    async with working(site):
        await asyncio.to_thread(site.wait_graded, attempt.id)
    assert site.attempt(attempt.id).percent == 100
    assert site.kinds().count("attempt.graded") == 1

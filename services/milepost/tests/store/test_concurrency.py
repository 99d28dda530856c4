"""Many at once: threads, processes, and what a killed process leaves."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from milepost.adapters.sql.store import SqlStore
from milepost.domain.errors import ConflictError
from milepost.domain.events import EventKind
from milepost.domain.progress import after_visit
from milepost.ports.store import Store

from services.milepost.tests.store.samples import NOW, outcome, seed, submit

ROOT = Path(__file__).parents[4]
JOBS, LANES, CLAIMERS = 400, 100, 8
PATIENCE = 120


@pytest.fixture
def queue(store: Store) -> Store:
    """A store with JOBS jobs in LANES lanes."""
    with store.transaction() as tx:
        for number in range(JOBS):
            tx.jobs.enqueue("grade", {"n": number}, lane=f"l{number % LANES}", at=NOW)
    return store


def claimer(url: str, name: str, what: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "services.milepost.tests.store.claimer", url, name, what],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def test_threads_claim_each_job_once_and_one_of_a_lane_at_a_time(queue: Store) -> None:
    guard = threading.Lock()
    running: set[str] = set()
    finished: list[int] = []

    def work(name: str) -> None:
        while len(finished) < JOBS:
            with queue.transaction() as tx:
                job = tx.jobs.claim(name, lease_seconds=600, now=NOW)
            if job is None:
                continue
            lane = f"l{job.payload['n'] % LANES}"
            with guard:
                assert lane not in running
                running.add(lane)
            with guard:
                running.remove(lane)
                finished.append(job.payload["n"])
            with queue.transaction() as tx:
                assert tx.jobs.finish(job.id, job.fence)

    with ThreadPoolExecutor(CLAIMERS) as pool:
        for result in [pool.submit(work, f"w{n}") for n in range(CLAIMERS)]:
            result.result(PATIENCE)
    assert sorted(finished) == list(range(JOBS))
    for lane in range(LANES):
        of_lane = [number for number in finished if number % LANES == lane]
        assert of_lane == sorted(of_lane)


def test_processes_claim_each_job_once(queue: Store, url: str) -> None:
    workers = [claimer(url, f"w{number}", "drain") for number in range(CLAIMERS)]
    lines = [worker.communicate(timeout=PATIENCE)[0].split() for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * CLAIMERS
    times = Counter(int(line) for of_worker in lines for line in of_worker)
    assert len(times) == JOBS
    assert set(times.values()) == {1}
    with queue.reading() as tx:
        assert tx.jobs.counts() == {"queued": 0, "running": 0, "done": JOBS, "dead": 0}


@pytest.fixture
def killed(store: Store, url: str, request: pytest.FixtureRequest) -> int:
    """Kill -9 a process that claimed the only job; return its fence."""
    with store.transaction() as tx:
        tx.jobs.enqueue("grade", {}, lane="ada", at=NOW)
    process = claimer(url, "doomed", request.param)
    assert process.stdout is not None
    fence = int(process.stdout.readline())
    process.kill()
    process.wait(PATIENCE)
    process.stdout.close()
    return fence


@pytest.mark.parametrize("killed", ["hold"], indirect=True)
def test_a_killed_workers_job_is_claimed_again_and_its_fence_writes_nothing(
    store: Store, killed: int
) -> None:
    project_id = seed(store, "ada")
    with store.transaction() as tx:
        attempt = submit(tx, project_id, key="k")
        assert tx.jobs.claim("heir", lease_seconds=600, now=NOW) is None
    with store.transaction() as tx:
        job = tx.jobs.claim("heir", lease_seconds=600, now=NOW + timedelta(seconds=600))
    assert job is not None
    assert (job.fence, job.tries) == (killed + 1, 2)

    class LostError(Exception):
        pass

    def record_with(fence: int) -> None:
        with store.transaction() as tx:
            tx.attempts.record(attempt.id, outcome(), NOW)
            if not tx.jobs.finish(job.id, fence):
                raise LostError

    with pytest.raises(LostError):
        record_with(killed)
    with store.reading() as tx:
        assert tx.attempts.steps(attempt.id) == ()
    record_with(job.fence)
    with store.reading() as tx:
        assert tx.attempts.steps(attempt.id) == outcome().steps


@pytest.mark.parametrize("killed", ["inside"], indirect=True)
def test_a_worker_killed_in_mid_claim_leaves_the_job_as_it_was(store: Store, killed: int) -> None:
    # PostgreSQL notices the lost connection on its own time, and until then passes over the row.
    for _ in range(600):
        with store.transaction() as tx:
            job = tx.jobs.claim("heir", lease_seconds=600, now=NOW)
        if job is not None:
            break
        threading.Event().wait(0.1)
    assert job is not None
    assert (job.fence, job.tries) == (killed, 1)


def at_once(number: int, work: Callable[[int], object]) -> list[object]:
    """Do it in `number` threads that start together; return what came of it, errors included."""
    start = threading.Barrier(number)

    def one(index: int) -> object:
        start.wait(PATIENCE)
        try:
            return work(index)
        except ConflictError as error:
            return error

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def test_one_of_many_submissions_with_one_key_is_stored(store: Store) -> None:
    project_id = seed(store, "ada")

    def send(_index: int) -> int:
        with store.transaction() as tx:
            attempt = submit(tx, project_id, key="same")
            tx.jobs.enqueue("grade", {"attempt_id": attempt.id}, lane="ada:1", at=NOW)
            tx.events.append("ada", EventKind.ATTEMPT_ACCEPTED, {}, at=NOW)
            return attempt.id

    results = at_once(8, send)
    assert sum(isinstance(result, ConflictError) for result in results) == 7
    with store.reading() as tx:
        assert len(tx.attempts.list()) == 1
        assert tx.jobs.counts()["queued"] == 1
        assert len(tx.events.after("ada", 0)) == 1


def test_a_new_user_who_comes_many_times_at_once_is_one_user(store: Store) -> None:
    def come(_index: int) -> object:
        with store.transaction() as tx:
            return tx.users.ensure("ada", at=NOW).id

    assert len(set(at_once(8, come))) == 1


def test_no_second_that_was_spent_is_lost(store: Store) -> None:
    project_id = seed(store, "ada")

    def visit(_index: int) -> None:
        for _ in range(10):
            with store.transaction() as tx:
                before = tx.progress.get("ada", project_id)
                tx.progress.save("ada", project_id, after_visit(before, 1, NOW))

    at_once(8, visit)
    with store.reading() as tx:
        assert tx.progress.get("ada", project_id).time_spent == 80


def test_whoever_follows_the_last_id_misses_no_event(store: Store) -> None:
    seed(store, "ada", "bob")
    seen: list[int] = []
    told = threading.Event()

    def follow() -> None:
        while True:
            over = told.is_set()
            with store.reading() as tx:
                new = tx.events.after("ada", seen[-1] if seen else 0, limit=7)
            seen.extend(event.id for event in new)
            if over and not new:
                return

    def tell(index: int) -> list[int]:
        ids = []
        for number in range(15):
            with store.transaction() as tx:
                who = "bob" if index % 4 == 3 else "ada"
                made = tx.events.append(who, EventKind.PROGRESS_CHANGED, {"n": number}, at=NOW)
                ids.append((who, made))
        return ids

    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(follow)
        told_ids = at_once(8, tell)
        told.set()
        following.result(PATIENCE)
    of_ada = sorted(made for ids in told_ids for who, made in ids if who == "ada")
    assert seen == of_ada


@pytest.fixture
def postgres(postgres_store_url: str) -> Iterator[SqlStore]:
    store = SqlStore(postgres_store_url)
    yield store
    store.close()


def test_a_learners_next_event_waits_until_the_one_before_is_visible(postgres: SqlStore) -> None:
    seed(postgres, "ada", "bob")

    def append(username: str) -> int:
        with postgres.transaction() as tx:
            return tx.events.append(username, EventKind.PROGRESS_CHANGED, {}, at=NOW)

    with ThreadPoolExecutor(2) as pool:
        with postgres.transaction() as tx:
            first = tx.events.append("ada", EventKind.PROGRESS_CHANGED, {}, at=NOW)
            second = pool.submit(append, "ada")
            # Another learner's event waits for nobody.
            assert pool.submit(append, "bob").result(PATIENCE) > first
            assert not second.done()
            with postgres.reading() as other:
                assert other.events.after("ada", 0) == []
        assert second.result(PATIENCE) > first


@pytest.mark.parametrize("first_claim_counts", [True, False])
def test_two_workers_never_run_two_jobs_of_a_lane_that_became_visible_out_of_order(
    postgres: SqlStore, first_claim_counts: bool
) -> None:
    def claim(worker: str) -> int | None:
        with postgres.transaction() as tx:
            job = tx.jobs.claim(worker, lease_seconds=600, now=NOW)
            return None if job is None else job.id

    slow, first = postgres.transaction(), postgres.transaction()
    low = slow.__enter__().jobs.enqueue("grade", {}, lane="ada", at=NOW)
    with postgres.transaction() as tx:
        high = tx.jobs.enqueue("grade", {}, lane="ada", at=NOW)
    taken = first.__enter__().jobs.claim("w1", lease_seconds=600, now=NOW)
    assert taken is not None
    assert taken.id == high
    slow.__exit__(None, None, None)
    with ThreadPoolExecutor(1) as pool:
        # The first claim is not to be seen yet, so this one goes for the lane's older job.
        second = pool.submit(claim, "w2")
        with pytest.raises(TimeoutError):
            second.result(0.3)
        if first_claim_counts:
            first.__exit__(None, None, None)
            assert second.result(PATIENCE) is None
        else:
            assert not first.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
            assert second.result(PATIENCE) == low

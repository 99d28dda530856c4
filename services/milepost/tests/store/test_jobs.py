"""The queue: leases, fences, lanes."""

from datetime import datetime, timedelta

import pytest
from milepost.ports.store import DeadJob, JobRow, Store

from services.milepost.tests.store.samples import NOW

LEASE = 30.0
EXPIRED = NOW + timedelta(seconds=LEASE)


def enqueue(store: Store, *lanes: str, at: datetime = NOW) -> list[int]:
    with store.transaction() as tx:
        return [tx.jobs.enqueue("grade", {"of": lane}, lane=lane, at=at) for lane in lanes]


def claim(store: Store, worker: str = "w1", now: datetime = NOW) -> JobRow | None:
    with store.transaction() as tx:
        return tx.jobs.claim(worker, lease_seconds=LEASE, now=now)


def claimed(store: Store, worker: str = "w1", now: datetime = NOW) -> JobRow:
    job = claim(store, worker, now)
    assert job is not None
    return job


def test_an_empty_queue_has_nothing_to_claim(store: Store) -> None:
    assert claim(store) is None
    with store.reading() as tx:
        assert tx.jobs.counts() == {"queued": 0, "running": 0, "done": 0, "dead": 0}


def test_a_job_is_claimed_with_all_that_its_worker_needs(store: Store) -> None:
    (job_id,) = enqueue(store, "ada:1")
    assert claimed(store) == JobRow(
        id=job_id,
        kind="grade",
        payload={"of": "ada:1"},
        tries=1,
        fence=1,
        worker="w1",
        leased_until=EXPIRED,
    )
    with store.reading() as tx:
        assert tx.jobs.counts()["running"] == 1


def test_the_oldest_job_comes_first(store: Store) -> None:
    made = enqueue(store, "a", "b", "c")
    assert [claimed(store).id for _ in made] == made
    assert claim(store) is None


def test_a_lane_is_told_how_many_wait_in_front_of_its_newest_job(store: Store) -> None:
    def ahead(*lanes: str) -> list[int]:
        with store.reading() as tx:
            return [tx.jobs.ahead(lane) for lane in lanes]

    assert ahead("ada") == [0]
    enqueue(store, "ada", "bob", "ada", "eve")
    assert ahead("ada", "bob", "eve", "nobody") == [2, 1, 3, 0]
    job = claimed(store)
    assert ahead("ada", "bob", "eve") == [1, 0, 2]
    with store.transaction() as tx:
        assert tx.jobs.bury(job.id, job.fence, error="")
    claimed(store)
    assert ahead("ada", "bob", "eve") == [0, 0, 1]


def test_a_job_that_is_not_due_waits(store: Store) -> None:
    later = NOW + timedelta(seconds=10)
    (job_id,) = enqueue(store, "a", at=later)
    assert claim(store, now=later - timedelta(microseconds=1)) is None
    assert claimed(store, now=later).id == job_id


def test_a_lane_runs_one_job_at_a_time_in_order(store: Store) -> None:
    first, other, second = enqueue(store, "ada", "bob", "ada")
    job = claimed(store)
    assert job.id == first
    assert claimed(store).id == other
    assert claim(store) is None
    with store.transaction() as tx:
        assert tx.jobs.finish(job.id, job.fence)
    assert claimed(store).id == second


def test_a_lane_waits_for_a_job_that_is_to_be_tried_again(store: Store) -> None:
    first, second = enqueue(store, "ada", "ada")
    job = claimed(store)
    again = NOW + timedelta(seconds=5)
    with store.transaction() as tx:
        assert tx.jobs.retry(job.id, job.fence, at=again, error="kernel died")
    assert claim(store) is None
    retried = claimed(store, now=again)
    assert (retried.id, retried.tries, retried.fence) == (first, 2, 2)
    with store.transaction() as tx:
        assert tx.jobs.bury(retried.id, retried.fence, error="kernel died again")
    assert claimed(store).id == second
    with store.reading() as tx:
        assert tx.jobs.counts() == {"queued": 0, "running": 1, "done": 0, "dead": 1}


def test_a_claim_that_was_no_try_uses_none_up(store: Store) -> None:
    enqueue(store, "ada")
    for fence in (1, 2):
        job = claimed(store)
        assert (job.tries, job.fence) == (1, fence)
        with store.transaction() as tx:
            assert tx.jobs.retry(job.id, job.fence, at=NOW, error="stopped", counted=False)
            assert not tx.jobs.retry(job.id, job.fence, at=NOW, error="", counted=False)
    assert claimed(store).tries == 1


def test_a_dead_job_is_listed_and_may_be_tried_anew(store: Store) -> None:
    first, second = enqueue(store, "ada", "bob")
    for job in (claimed(store), claimed(store)):
        with store.transaction() as tx:
            tx.jobs.bury(job.id, job.fence, error=f"no {job.id}")
    later = NOW + timedelta(hours=1)
    dead = [
        DeadJob(first, "grade", {"of": "ada"}, 1, f"no {first}"),
        DeadJob(second, "grade", {"of": "bob"}, 1, f"no {second}"),
    ]
    with store.transaction() as tx:
        assert tx.jobs.dead() == dead
        assert tx.jobs.revive(first, at=later) == dead[0]
        assert tx.jobs.revive(first, at=later) is None
        assert tx.jobs.revive(10**6, at=later) is None
        assert tx.jobs.dead() == dead[1:]
    assert claim(store, now=later - timedelta(microseconds=1)) is None
    job = claimed(store, now=later)
    assert (job.id, job.tries, job.fence) == (first, 1, 2)


def test_a_lease_that_ran_out_is_claimed_again_with_a_higher_fence(store: Store) -> None:
    enqueue(store, "ada")
    first = claimed(store)
    assert claim(store, "w2", EXPIRED - timedelta(microseconds=1)) is None
    second = claimed(store, "w2", EXPIRED)
    assert (second.id, second.tries, second.fence, second.worker) == (first.id, 2, 2, "w2")


def test_the_old_fence_writes_nothing(store: Store) -> None:
    enqueue(store, "ada")
    old = claimed(store)
    new = claimed(store, "w2", EXPIRED)
    with store.transaction() as tx:
        assert not tx.jobs.renew(old.id, old.fence, until=NOW + timedelta(hours=1))
        assert not tx.jobs.finish(old.id, old.fence)
        assert not tx.jobs.retry(old.id, old.fence, at=NOW, error="")
        assert not tx.jobs.bury(old.id, old.fence, error="")
    with store.transaction() as tx:
        assert tx.jobs.finish(new.id, new.fence)
        assert not tx.jobs.finish(new.id, new.fence)
        assert not tx.jobs.finish(10**6, 1)


def test_a_worker_whose_lease_ran_out_unnoticed_may_still_finish(store: Store) -> None:
    enqueue(store, "ada")
    job = claimed(store)
    with store.transaction() as tx:
        assert tx.jobs.finish(job.id, job.fence)
    assert claim(store, "w2", EXPIRED) is None


def test_a_renewed_lease_is_kept(store: Store) -> None:
    enqueue(store, "ada")
    job = claimed(store)
    with store.transaction() as tx:
        assert tx.jobs.renew(job.id, job.fence, until=EXPIRED + timedelta(seconds=LEASE))
    assert claim(store, "w2", EXPIRED) is None
    assert claimed(store, "w2", EXPIRED + timedelta(seconds=LEASE)).fence == job.fence + 1


def test_a_claim_that_is_rolled_back_never_was(store: Store) -> None:
    enqueue(store, "ada")

    def crash_after_claiming() -> None:
        with store.transaction() as tx:
            tx.jobs.claim("w1", lease_seconds=LEASE, now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash_after_claiming()
    job = claimed(store, "w2")
    assert (job.tries, job.fence) == (1, 1)

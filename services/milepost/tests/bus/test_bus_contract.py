"""What every bus does: the contract of `milepost.ports.bus`."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import NamedTuple

import pytest
import redis
from milepost.adapters.bus import LocalBus, RedisBus
from milepost.ports.bus import Bus
from structlog.testing import capture_logs

from conftest import RedisServer

PATIENCE = 20
"""Seconds after which a ring is held to be lost."""


class Ends(NamedTuple):
    """A bus to ring at and one to listen at: the same, or those of two processes."""

    ringer: Bus
    listener: Bus


@pytest.fixture(params=["local", "redis", "redis-two-processes"])
def ends(request: pytest.FixtureRequest) -> Iterator[Ends]:
    if request.param == "local":
        local = LocalBus()
        made: list[Bus] = [local]
    else:
        url = request.getfixturevalue("redis_url")
        made = [RedisBus(url) for _ in range(1 if request.param == "redis" else 2)]
    yield Ends(made[0], made[-1])
    for bus in made:
        bus.close()


async def rung(rings: AsyncIterator[None]) -> None:
    async with asyncio.timeout(PATIENCE):
        await anext(rings)


async def silence(rings: AsyncIterator[None]) -> int:
    """Wait until nothing rings any more; return how many rings there were."""
    rang = 0
    while True:
        try:
            async with asyncio.timeout(0.5):
                await anext(rings)
        except TimeoutError:
            return rang
        rang += 1


async def connected(ends: Ends) -> None:
    """Wait until rings go through: a bus connects in the background."""
    async with ends.listener.subscribe("greeting") as rings:
        while True:
            ends.ringer.ring("greeting")
            try:
                async with asyncio.timeout(0.1):
                    await anext(rings)
            except TimeoutError:
                continue
            return


async def test_a_ring_wakes_whoever_listens_to_the_topic(ends: Ends) -> None:
    await connected(ends)
    async with ends.listener.subscribe("jobs") as first, ends.listener.subscribe("jobs") as second:
        ends.ringer.ring("jobs")
        await rung(first)
        await rung(second)


async def test_a_ring_of_another_topic_wakes_nobody(ends: Ends) -> None:
    await connected(ends)
    async with (
        ends.listener.subscribe("events:ada") as ada,
        ends.listener.subscribe("events:bob") as bob,
    ):
        # Everybody is woken once when the connection comes up: not what is asked here.
        await silence(ada)
        ends.ringer.ring("events:bob")
        await rung(bob)
        assert await silence(ada) == 0


async def test_many_rings_at_once_count_as_one_or_a_few(ends: Ends) -> None:
    await connected(ends)
    async with ends.listener.subscribe("jobs") as rings:
        for _ in range(500):
            ends.ringer.ring("jobs")
        assert 1 <= await silence(rings) < 500


async def test_a_ring_between_two_looks_is_not_lost(ends: Ends) -> None:
    await connected(ends)
    async with ends.listener.subscribe("jobs") as rings, ends.listener.subscribe("later") as later:
        ends.ringer.ring("jobs")
        ends.ringer.ring("later")
        await rung(later)
        await rung(rings)


async def test_any_thread_may_ring(ends: Ends) -> None:
    await connected(ends)
    async with ends.listener.subscribe("jobs") as rings:
        thread = threading.Thread(target=ends.ringer.ring, args=("jobs",))
        thread.start()
        await rung(rings)
        thread.join()


async def test_a_ring_that_nobody_hears_is_harmless(ends: Ends) -> None:
    ends.ringer.ring("nobody")


async def test_closing_the_bus_ends_what_is_listened_to(ends: Ends) -> None:
    async with ends.listener.subscribe("jobs") as rings:
        ends.listener.close()
        async with asyncio.timeout(PATIENCE):
            assert [ring async for ring in rings] in ([], [None])


async def test_ringing_a_closed_bus_is_harmless(ends: Ends) -> None:
    ends.ringer.close()
    ends.ringer.ring("jobs")


async def test_what_was_rung_before_closing_arrives(redis_url: str) -> None:
    ends = Ends(RedisBus(redis_url), RedisBus(redis_url))
    await connected(ends)
    async with ends.listener.subscribe("events:ada") as rings:
        ends.ringer.ring("events:ada")
        ends.ringer.close()
        await rung(rings)
    ends.listener.close()


async def test_many_topics_need_one_listening_connection(
    redis_url: str, redis_clients: Callable[[], list[str]]
) -> None:
    before = len(redis_clients())
    bus = RedisBus(redis_url)
    await connected(Ends(bus, bus))
    for number in range(50):
        async with bus.subscribe(f"events:{number}") as rings:
            bus.ring(f"events:{number}")
            await rung(rings)
    assert len(redis_clients()) - before <= 2
    bus.close()
    assert len(redis_clients()) == before


@pytest.fixture
def redis_clients(redis_url: str) -> Iterator[Callable[[], list[str]]]:
    with redis.Redis.from_url(redis_url) as client:
        yield lambda: [entry["id"] for entry in client.client_list()]


async def test_a_restart_of_redis_wakes_everybody_and_rings_go_through_again(
    redis_server: RedisServer,
) -> None:
    ends = Ends(RedisBus(redis_server.url), RedisBus(redis_server.url))
    await connected(ends)
    async with ends.listener.subscribe("jobs") as rings:
        redis_server.stop()
        ends.ringer.ring("jobs")
        redis_server.start()
        await rung(rings)
    await connected(ends)
    for bus in ends:
        bus.close()


async def test_a_ring_without_redis_reaches_this_process_and_does_not_wait(
    redis_server: RedisServer,
) -> None:
    redis_server.stop()
    bus = RedisBus(redis_server.url)
    async with bus.subscribe("jobs") as rings:
        bus.ring("jobs")
        await rung(rings)
    bus.close()
    redis_server.start()


async def test_redis_away_is_said_once(redis_server: RedisServer) -> None:
    redis_server.stop()
    with capture_logs() as said:
        bus = RedisBus(redis_server.url)
        for number in range(20):
            bus.ring(f"events:{number}")
            await asyncio.sleep(0.02)
        bus.close()
    redis_server.start()
    assert [entry["log_level"] for entry in said] == ["warning"]

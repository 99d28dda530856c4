"""The bus between processes and machines, on Redis's publish and subscribe."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any
from uuid import uuid4

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from milepost.adapters.bus.local import LocalBus

PREFIX = "milepost:"
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0
"""Seconds between two tries to reach Redis: doubled from the first to the longest."""
IDLE_SECONDS = 15.0
"""How long the listening connection may be silent before Redis is asked whether it is there."""
CLOSE_SECONDS = 2.0
"""How long closing waits for the last rings to leave."""

CANCEL_SECONDS = 0.1

_LOST = (RedisError, OSError)
log = structlog.get_logger(__name__)


class RedisBus:
    """Wakes whoever listens, here at once and elsewhere through Redis.

    One thread holds an event loop of its own with one listening and one publishing connection,
    however many topics and subscribers there are. While Redis is away rings still reach this
    process, later ones are kept by topic, and it is said once in the log; once it is back,
    everybody is woken, since rings may have been missed. Construct it after any fork.
    """

    def __init__(self, url: str) -> None:
        self._local = LocalBus()
        self._name = uuid4().hex
        self._pending: set[str] = set()
        self._rang = asyncio.Event()
        self._away = False
        self._closed = False
        # Retries are ours: the client's own would hide for how long Redis has been away.
        self._redis: Redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=5,
            socket_timeout=5,
            socket_keepalive=True,
            health_check_interval=IDLE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._loop = asyncio.new_event_loop()
        self._tasks = {self._loop.create_task(self._listen()), self._loop.create_task(self._send())}
        self._thread = threading.Thread(target=self._run, name="milepost-bus", daemon=True)
        self._thread.start()

    def ring(self, topic: str) -> None:
        """Wake everyone who listens to `topic`; neither blocks nor raises when Redis is away."""
        self._local.ring(topic)
        # After `close` there is no loop left to send from, and nobody to tell.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._keep, topic)

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        """Listen from now on, in the caller's event loop."""
        return self._local.subscribe(topic)

    def close(self) -> None:
        """Send what is pending, end subscriptions, let go of connections and the thread."""
        if self._closed:
            return
        self._closed = True
        self._local.close()
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop)
        self._thread.join()

    def _run(self) -> None:
        self._loop.run_forever()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _stop(self) -> None:
        running = self._tasks
        while running:
            # More than once: redis-py drops a cancellation that comes while it connects.
            for task in running:
                task.cancel()
            _, running = await asyncio.wait(running, timeout=CANCEL_SECONDS)
        with suppress(TimeoutError, *_LOST):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._send_pending()
        with suppress(*_LOST):
            await self._redis.aclose()
        self._loop.stop()

    def _keep(self, topic: str) -> None:
        self._pending.add(topic)
        self._rang.set()

    async def _send(self) -> None:
        pauses = _pauses()
        while True:
            await self._rang.wait()
            self._rang.clear()
            try:
                await self._send_pending()
            except _LOST as error:
                self._say_away(error)
                self._rang.set()
                await asyncio.sleep(next(pauses))
            else:
                pauses = _pauses()

    async def _send_pending(self) -> None:
        topics, self._pending = self._pending, set()
        if not topics:
            return
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for topic in topics:
                    pipeline.publish(PREFIX + topic, self._name)
                await pipeline.execute()
        except BaseException:
            # Cancelled by `close`, too: that sends once more.
            self._pending |= topics
            raise

    async def _listen(self) -> None:
        pauses = _pauses()
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.psubscribe(f"{PREFIX}*")
                    while True:
                        message = await pubsub.get_message(timeout=IDLE_SECONDS)
                        if message is not None and message["type"] == "psubscribe":
                            pauses = _pauses()
                        self._hear(message)
            except _LOST as error:
                self._say_away(error)
            await asyncio.sleep(next(pauses))

    def _hear(self, message: dict[str, Any] | None) -> None:
        if message is None:
            return
        if message["type"] == "psubscribe":
            self._say_back()
            self._local.ring_all()
        elif message["type"] == "pmessage" and message["data"] != self._name:
            self._local.ring(message["channel"].removeprefix(PREFIX))

    def _say_away(self, error: Exception) -> None:
        if not self._away:
            log.warning("redis is away: other processes are woken late", error=str(error))
        self._away = True

    def _say_back(self) -> None:
        if self._away:
            log.info("redis is back")
        self._away = False


def _pauses() -> Iterator[float]:
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE)

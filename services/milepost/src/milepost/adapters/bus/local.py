"""The bus within one process."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class LocalBus:
    """Wakes whoever listens in this process: any thread rings, any event loop listens."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._listeners: dict[str, set[_Listener]] = {}

    def ring(self, topic: str) -> None:
        """Wake everyone who listens to `topic`."""
        with self._guard:
            listeners = tuple(self._listeners.get(topic, ()))
        for listener in listeners:
            listener.wake()

    def ring_all(self) -> None:
        """Wake everyone: for a bus that may have lost rings."""
        for listener in self._everyone():
            listener.wake()

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[AsyncIterator[None]]:
        """Listen from now on; rings that come before the next look at the iterator count as one."""
        listener = _Listener(asyncio.get_running_loop())
        with self._guard:
            self._listeners.setdefault(topic, set()).add(listener)
        try:
            yield listener
        finally:
            self._leave(topic, listener)

    def close(self) -> None:
        """End every subscription's iterator."""
        for listener in self._everyone():
            listener.end()

    def _everyone(self) -> tuple["_Listener", ...]:
        with self._guard:
            return tuple(one for of_topic in self._listeners.values() for one in of_topic)

    def _leave(self, topic: str, listener: "_Listener") -> None:
        with self._guard:
            remaining = self._listeners[topic] - {listener}
            if remaining:
                self._listeners[topic] = remaining
            else:
                # Topics are learners' names: an empty one must not stay for ever.
                del self._listeners[topic]


class _Listener:
    """One subscription: an event that any thread can set in the loop of whoever listens."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._rang = asyncio.Event()
        self._ended = False

    def wake(self) -> None:
        """Let the iterator yield once."""
        # A loop that is closed by now has nobody left to wake.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._rang.set)

    def end(self) -> None:
        """Let the iterator end."""
        self._ended = True
        self.wake()

    def __aiter__(self) -> "_Listener":
        return self

    async def __anext__(self) -> None:
        if not self._ended:
            await self._rang.wait()
            self._rang.clear()
        if self._ended:
            raise StopAsyncIteration

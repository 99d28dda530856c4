"""Counting failures within a sliding window of time, by whatever they are counted by."""

import math
import time
from collections import deque
from collections.abc import Callable, Hashable

# Beyond this many counted things the oldest are forgotten, so that memory stays bounded.
MOST_KEYS = 100_000


class Throttle:
    """Allows `limit` events for each key within `seconds`."""

    def __init__(
        self, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limit = limit
        self.seconds = seconds
        self._clock = clock
        self._events: dict[Hashable, deque[float]] = {}

    def wait(self, key: Hashable) -> int:
        """Return for how many seconds the key is blocked; 0 when it is not."""
        events = self._recent(key)
        if len(events) < self.limit:
            return 0
        return max(1, math.ceil(events[0] + self.seconds - self._clock()))

    def count(self, key: Hashable) -> None:
        """Count one event."""
        events = self._recent(key)
        events.append(self._clock())
        if len(events) > self.limit:
            events.popleft()
        self._events.pop(key, None)
        self._events[key] = events
        if len(self._events) > MOST_KEYS:
            del self._events[next(iter(self._events))]

    def forget(self, key: Hashable) -> None:
        """Start anew for the key."""
        self._events.pop(key, None)

    def _recent(self, key: Hashable) -> deque[float]:
        events = self._events.get(key, deque())
        while events and events[0] <= self._clock() - self.seconds:
            events.popleft()
        return events

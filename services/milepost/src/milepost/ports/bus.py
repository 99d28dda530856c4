"""The doorbell: wakes workers and browsers; carries no truth and may lose a ring."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

JOBS = "jobs"


def learner_topic(username: str) -> str:
    """Return the topic that rings when a learner has new events."""
    return f"events:{username}"


class Bus(Protocol):
    """Topics that ring: `ring` from any thread, subscriptions in the event loop."""

    def ring(self, topic: str) -> None:
        """Wake everyone who listens to `topic`; never raises because nobody listens."""

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        """Listen: the iterator yields once after one or more rings since the last time.

        Whoever listens also looks by itself now and then: a ring can be lost when the bus restarts.
        """

    def close(self) -> None:
        """Let go of connections and threads."""

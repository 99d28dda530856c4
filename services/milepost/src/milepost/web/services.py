"""What every handler of a web process shares."""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from jupyterhub.services.auth import HubOAuth

from milepost.usecases.deps import Deps
from milepost.web.settings import WebSettings

Result = TypeVar("Result")


class OpenRequests:
    """Counts the requests that have no answer yet."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        self.none = asyncio.Event()
        self.none.set()

    def begin(self, request: object) -> None:
        """Count a request."""
        self._open.add(id(request))
        self.none.clear()

    def end(self, request: object) -> None:
        """Count it no longer; to say so twice is harmless."""
        self._open.discard(id(request))
        if not self._open:
            self.none.set()


@dataclass(frozen=True)
class Services:
    """The ports, the Hub, a thread pool for whatever blocks, and the open event streams.

    `known` are the users whose rows exist for sure, `open` the requests without an answer yet;
    `stopping` is set when the process ends.
    """

    deps: Deps
    settings: WebSettings
    hub: HubOAuth
    pool: ThreadPoolExecutor
    known: set[str] = field(default_factory=set)
    streams: Counter[str] = field(default_factory=Counter)
    open: OpenRequests = field(default_factory=OpenRequests)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def in_thread(self, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, done in the pool."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, work)


def make_services(deps: Deps, settings: WebSettings) -> Services:
    """Return the shared parts; what HubOAuth needs it reads from JUPYTERHUB_*."""
    hub = HubOAuth(base_url=settings.prefix, cache_max_age=settings.user_cache_seconds)
    pool = ThreadPoolExecutor(settings.threads, thread_name_prefix="milepost-web")
    return Services(deps, settings, hub, pool)

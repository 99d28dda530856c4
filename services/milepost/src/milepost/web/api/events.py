"""The event stream: what happened to the learner, told as it happens, none left out."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus

from tornado.iostream import StreamClosedError

from milepost.ports.bus import learner_topic
from milepost.usecases.actor import Actor
from milepost.usecases.read_events import BATCH, last_event, read_events
from milepost.web.api.handler import ApiHandler
from milepost.web.api.waiter import Waiter
from milepost.web.operation import EVENT_STREAM, streaming
from milepost.web.problems import problem
from milepost.web.schemas.common import LARGEST_ID
from milepost.web.schemas.events import EventQuery, frame
from milepost.web.security import is_foreign

_RESUME = "Last-Event-ID"
_RETRY_MILLISECONDS = 2000


class EventsHandler(ApiHandler):
    """/events."""

    def initialize(self) -> None:
        """Be ready to notice that the reader leaves."""
        super().initialize()
        self.gone = asyncio.Event()

    async def admit(self) -> None:
        """Refuse other origins before all else. Raises problems."""
        if is_foreign(self.request.headers, self.request.host):
            raise problem(HTTPStatus.FORBIDDEN, "Event streams are for this site's own pages.")
        await super().admit()

    def on_connection_close(self) -> None:
        """Notice that the reader left."""
        super().on_connection_close()
        self.gone.set()

    @streaming(
        "What happens to the learner, from the last event seen",
        query=EventQuery,
        response=EVENT_STREAM,
        errors=(HTTPStatus.TOO_MANY_REQUESTS,),
        headers=(_RESUME,),
    )
    async def get(self, actor: Actor, query: EventQuery) -> None:
        """Send events until the reader leaves, the stream has its age, or the process stops."""
        with self._counted(actor), suppress(StreamClosedError):
            topic = learner_topic(actor.username)
            # First listen, then look: what happens in between rings.
            async with self.deps.bus.subscribe(topic) as rings:
                after = await self._begin(actor, query)
                await self._tell(actor, after, rings)

    async def _begin(self, actor: Actor, query: EventQuery) -> int:
        after = self._last_seen(query)
        if after is None:
            after = await self.services.in_thread(lambda: last_event(self.deps, actor))
        self.set_header("Content-Type", EVENT_STREAM)
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Accel-Buffering", "no")
        self.write(f"retry: {_RETRY_MILLISECONDS}\n\n")
        await self.flush()
        return after

    async def _tell(self, actor: Actor, after: int, rings: AsyncIterator[None]) -> None:
        settings = self.web
        ends = time.monotonic() + settings.stream_seconds
        spoken = time.monotonic()
        async with Waiter(rings, self.gone, self.services.stopping) as waiter:
            while not waiter.over and time.monotonic() < ends:
                seen = after
                events = await self.services.in_thread(
                    lambda seen=seen: read_events(self.deps, actor, seen)  # type: ignore[misc]
                )
                if events:
                    self.write("".join(frame(event) for event in events))
                    after, spoken = events[-1].id, time.monotonic()
                    await self.flush()
                if len(events) == BATCH:
                    continue
                silence = spoken + settings.stream_keep_alive_seconds - time.monotonic()
                if silence <= 0:
                    self.write(": still here\n\n")
                    spoken = time.monotonic()
                    await self.flush()
                    continue
                await waiter.wait(min(settings.stream_look_seconds, silence))

    def _last_seen(self, query: EventQuery) -> int | None:
        header = self.request.headers.get(_RESUME, "")
        if not header:
            return query.after
        if not (header.isascii() and header.isdecimal() and int(header[:20]) <= LARGEST_ID):
            raise problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{_RESUME} is not an event's id.")
        return int(header)

    @contextmanager
    def _counted(self, actor: Actor) -> Iterator[None]:
        streams, most = self.services.streams, self.web.streams_per_user
        if streams[actor.username] >= most:
            raise problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"You have {most} event streams open already: close a tab and try again.",
            )
        streams[actor.username] += 1
        try:
            yield
        finally:
            streams[actor.username] -= 1
            if not streams[actor.username]:
                del streams[actor.username]

"""Running the learner's ASGI application under uvicorn, on a Unix socket."""

from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, TypeAlias

import uvicorn

from milepost_testkit.tracing import described_error

from .channel import Channel
from .loading import MissingError, load

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


def serve(question: dict[str, Any], channel: Channel, root: Path) -> None:
    """Job: serve `app` on the Unix socket `socket` until killed.

    Sends {"ready": true} once it listens, or {"problem": text}; then {"error": trace} for each
    exception that a request ends with, before the client has its answer.
    """
    try:
        app = load(question["app"], root)
    except MissingError as error:
        channel.send({"problem": str(error)})
        return
    if not callable(app):
        channel.send({"problem": f"`{question['app']}` is not an application: {app!r:.80}"})
        return
    watched = Watched(app, channel, root)
    config = uvicorn.Config(
        watched,
        uds=question["socket"],
        log_config=None,
        log_level="critical",
        access_log=False,
        lifespan="auto",
    )
    try:
        AnnouncingServer(config, channel).run()
    except SystemExit:
        channel.send({"problem": f"The server did not start.\n{watched.last_error}"})


class AnnouncingServer(uvicorn.Server):
    """A uvicorn server that tells when it listens."""

    def __init__(self, config: uvicorn.Config, channel: Channel) -> None:
        super().__init__(config)
        self._channel = channel

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """Start to listen, then say so."""
        await super().startup(sockets)
        self._channel.send({"ready": True})


class Watched:
    """The learner's application, with every exception that leaves it told to the test."""

    def __init__(self, app: Application, channel: Channel, root: Path) -> None:
        self._app = app
        self._channel = channel
        self._root = root
        self.last_error = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one connection on; an answer with status 500 waits until its cause is told."""
        held: list[MutableMapping[str, Any]] = []

        async def hold(message: MutableMapping[str, Any]) -> None:
            if held or message.get("status") == 500:  # noqa: PLR2004 - Internal Server Error
                held.append(message)
            else:
                await send(message)

        try:
            await self._app(scope, receive, hold)
        except Exception as error:
            self.last_error = str(described_error(error, self._root)["trace"])
            if scope["type"] == "http":
                self._channel.send({"error": self.last_error})
            raise
        finally:
            for message in held:
                await send(message)

"""Serving the application until told to stop, and stopping without cutting anybody off."""

import asyncio
from contextlib import suppress

from tornado.httpserver import HTTPServer
from tornado.web import Application

from milepost.web.services import Services

_LARGEST_PLAIN_BODY = 256 * 1024
"""Bytes; the API streams its bodies and has limits of its own."""
_SLOWEST_BODY = 600
"""Seconds in which a body must have arrived."""
_IDLE = 120
"""Seconds for which a connection without requests is kept."""


async def serve(application: Application, *, address: str, port: int, stop: asyncio.Event) -> None:
    """Listen at `address`:`port` until `stop` is set, then finish what has begun.

    Event streams end at once, their readers come back elsewhere; other requests get
    `drain_seconds`. Raises OSError when the port is taken.
    """
    services: Services = application.settings["services"]
    server = HTTPServer(
        application,
        max_body_size=_LARGEST_PLAIN_BODY,
        body_timeout=_SLOWEST_BODY,
        idle_connection_timeout=_IDLE,
    )
    server.listen(port, address=address)
    try:
        await stop.wait()
    finally:
        server.stop()
        services.stopping.set()
        await _drain(services)
        await server.close_all_connections()
        services.pool.shutdown(wait=True, cancel_futures=True)


async def _drain(services: Services) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(services.open.none.wait(), services.settings.drain_seconds)

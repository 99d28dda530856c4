"""One process of the service: what runs in it until it is told to stop."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)

Part = Callable[[asyncio.Event], Awaitable[None]]
"""Something that runs until the event is set, and then finishes what it has begun."""


def run(parts: list[Part]) -> None:
    """Run the parts until SIGTERM or SIGINT; where one of them fails, stop the others and raise."""
    asyncio.run(_run(parts))


async def _run(parts: list[Part]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, stop, number.name)
    running = [asyncio.ensure_future(part(stop)) for part in parts]
    try:
        await asyncio.wait(running, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        stop.set()
        results = await asyncio.gather(*running, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


def _stop(stop: asyncio.Event, name: str) -> None:
    log.info("process.stopping", signal=name)
    stop.set()

"""Waiting for a ring of the bus, or for the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Self


class Waiter:
    """Waits for rings until one of `ends` is set. Use it in an `async with` block."""

    def __init__(self, rings: AsyncIterator[None], *ends: asyncio.Event) -> None:
        self._rings = rings
        self._ends = ends
        self._end_tasks: list[asyncio.Task[bool]] = []
        self._ring: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._end_tasks = [asyncio.create_task(end.wait()) for end in self._ends]
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [*self._end_tasks, *([self._ring] if self._ring else [])]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError, StopAsyncIteration):
                await task

    @property
    def over(self) -> bool:
        """Whether one of the ends is set."""
        return any(end.is_set() for end in self._ends)

    async def wait(self, seconds: float) -> None:
        """Return at a ring or an end, after `seconds` at the latest."""
        # A pending ring is kept over time-outs: to cancel it would end the subscription.
        if self._ring is None:
            self._ring = asyncio.create_task(self._next_ring())
        await asyncio.wait(
            {*self._end_tasks, self._ring},
            timeout=seconds,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if self._ring.done():
            self._ring.result()
            self._ring = None

    async def _next_ring(self) -> None:
        await anext(self._rings)

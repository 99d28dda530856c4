"""A claim on a job, kept alive while the job is done."""

import asyncio
from datetime import timedelta
from typing import Self

import structlog

from milepost.ports.store import JobRow
from milepost.usecases.deps import Deps

log = structlog.get_logger(__name__)


class Lease:
    """Renews a job's lease in the background; where it is lost, cancels whoever holds it."""

    def __init__(self, deps: Deps, job: JobRow, seconds: float) -> None:
        self._deps = deps
        self._job = job
        self._seconds = seconds
        self._beat: asyncio.Task[None] | None = None
        self.lost = False

    async def __aenter__(self) -> Self:
        """Begin to renew on behalf of the current task."""
        holder = asyncio.current_task()
        if holder is None:
            raise RuntimeError("A lease is held by a task.")
        self._beat = asyncio.create_task(self._keep(holder))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._beat is not None:
            self._beat.cancel()

    async def _keep(self, holder: asyncio.Task[None]) -> None:
        while True:
            await asyncio.sleep(self._seconds / 3)
            try:
                kept = await asyncio.to_thread(self._renew)
            except Exception:
                log.exception("lease.renewal_failed", job=self._job.id)
                continue
            if not kept:
                self.lost = True
                holder.cancel()
                return

    def _renew(self) -> bool:
        until = self._deps.now() + timedelta(seconds=self._seconds)
        with self._deps.store.transaction() as tx:
            return tx.jobs.renew(self._job.id, self._job.fence, until=until)

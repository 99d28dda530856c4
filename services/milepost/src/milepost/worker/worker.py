"""The worker: claims jobs, has them judged, records what comes of it."""

import asyncio
import os
import socket
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from structlog.typing import FilteringBoundLogger

from milepost.ports.bus import JOBS
from milepost.ports.judge import Judge, JudgeError, JudgeUnavailableError
from milepost.ports.store import JobRow
from milepost.usecases import grade
from milepost.usecases.deps import Deps
from milepost.worker.lease import Lease

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class WorkerSettings:
    """How much a worker takes on, and how patient it is. Times in seconds."""

    slots: int = 2
    lease_seconds: float = 30.0
    tries: int = 5
    look_seconds: float = 2.0
    drain_seconds: float = 5.0
    longest_pause: float = 300.0
    longest_outage_pause: float = 60.0


class Worker:
    """Grades up to `slots` attempts at once until it is told to stop."""

    def __init__(self, deps: Deps, judge: Judge, settings: WorkerSettings) -> None:
        self._deps = deps
        self._judge = judge
        self._settings = settings
        self._running: set[asyncio.Task[None]] = set()
        self._freed = asyncio.Event()
        self._outages = 0
        self.name = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then finish what is soon done, and give back the rest."""
        log.info("worker.started", worker=self.name, slots=self._settings.slots)
        async with self._deps.bus.subscribe(JOBS) as rings:
            bell = asyncio.Event()
            listening = asyncio.create_task(_pass_on(rings, bell))
            try:
                while not stop.is_set():
                    await self._claim_all(stop)
                    await self._pause(stop, bell)
            finally:
                listening.cancel()
                await self._drain()
                await self._judge.close()
        log.info("worker.stopped", worker=self.name)

    async def _claim_all(self, stop: asyncio.Event) -> None:
        """Take jobs while there are some and a slot is free."""
        while len(self._running) < self._settings.slots and not stop.is_set():
            try:
                job = await asyncio.to_thread(self._claim)
            except Exception:
                log.exception("worker.claim_failed", worker=self.name)
                return
            if job is None:
                return
            task = asyncio.create_task(self._do(job))
            self._running.add(task)
            task.add_done_callback(self._done)

    def _claim(self) -> JobRow | None:
        with self._deps.store.transaction() as tx:
            return tx.jobs.claim(
                self.name, lease_seconds=self._settings.lease_seconds, now=self._deps.now()
            )

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._freed.set()

    async def _pause(self, stop: asyncio.Event, bell: asyncio.Event) -> None:
        """Wait for a ring, a free slot or the end; look again after a while in any case."""
        waits = [asyncio.create_task(event.wait()) for event in (stop, bell, self._freed)]
        await asyncio.wait(
            waits, timeout=self._settings.look_seconds, return_when=asyncio.FIRST_COMPLETED
        )
        for wait in waits:
            wait.cancel()
        bell.clear()
        self._freed.clear()

    async def _drain(self) -> None:
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=self._settings.drain_seconds)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    async def _do(self, job: JobRow) -> None:
        """Do one job; whatever happens, it ends recorded, given back, or left to its lease."""
        bound = log.bind(job=job.id, tries=job.tries, **job.payload)
        lease = Lease(self._deps, job, self._settings.lease_seconds)
        try:
            async with lease:
                self._refuse_poison(job)
                await self._grade(job, bound)
        except asyncio.CancelledError:
            if lease.lost:
                bound.warning("job.lease_lost")
                return
            await self._give_back(job, bound)
            raise
        except grade.LeaseLostError:
            bound.warning("job.lease_lost")
        except JudgeUnavailableError as error:
            await self._wait_for_the_judge(job, error, bound)
        except Exception as error:  # noqa: BLE001 - each leads to another try, and then aside
            await self._failed(job, error, bound)

    def _refuse_poison(self, job: JobRow) -> None:
        """Refuse a job whose workers were lost, over and over, before they could say why."""
        if job.tries > 2 * self._settings.tries:
            raise JudgeError("The workers that tried this job did not live to say what it did.")

    async def _grade(self, job: JobRow, bound: FilteringBoundLogger) -> None:
        started = await asyncio.to_thread(grade.begin, self._deps, job)
        if started is None:
            return
        outcome = await self._judge.grade(started.request)
        self._outages = 0
        recorded = await asyncio.to_thread(grade.record, self._deps, job, outcome)
        bound.info(
            "attempt.graded",
            recorded=recorded,
            verdict=outcome.verdict.value,
            percent=outcome.percent,
            seconds=outcome.seconds,
        )

    async def _give_back(self, job: JobRow, bound: FilteringBoundLogger) -> None:
        """Let another worker do the job at once: this one is stopping."""
        back = partial(
            grade.give_back,
            self._deps,
            job,
            at=self._deps.now(),
            error="the worker stopped",
            counted=False,
        )
        try:
            await asyncio.shield(asyncio.to_thread(back))
        except grade.LeaseLostError:
            bound.warning("job.lease_lost")
        self._deps.bus.ring(JOBS)

    async def _wait_for_the_judge(
        self, job: JobRow, error: JudgeUnavailableError, bound: FilteringBoundLogger
    ) -> None:
        """Put the job off, however often: an outage is nothing that a submission did."""
        self._outages += 1
        pause = min(2.0 ** min(self._outages, 16), self._settings.longest_outage_pause)
        bound.error("judge.unavailable", error=str(error), again_in=pause)
        at = self._deps.now() + timedelta(seconds=pause)
        await self._settle(
            partial(grade.give_back, self._deps, job, at=at, error=str(error), counted=False),
            bound,
        )

    async def _failed(self, job: JobRow, error: Exception, bound: FilteringBoundLogger) -> None:
        known = isinstance(error, JudgeError)
        bound.error("job.failed", error=str(error), exc_info=None if known else error)
        text = f"{type(error).__name__}: {error}"[:2000]
        if job.tries >= self._settings.tries:
            bound.error("job.set_aside", advice="See `milepost jobs list`.")
            call = partial(grade.give_up, self._deps, job, error=text)
        else:
            pause = min(2.0**job.tries, self._settings.longest_pause)
            at = self._deps.now() + timedelta(seconds=pause)
            call = partial(grade.give_back, self._deps, job, at=at, error=text)
        await self._settle(call, bound)

    async def _settle(self, call: Callable[[], None], bound: FilteringBoundLogger) -> None:
        try:
            await asyncio.to_thread(call)
        except Exception:  # noqa: BLE001 - its lease runs out, and then it is claimed again
            bound.exception("job.left_to_its_lease")


async def _pass_on(rings: AsyncIterator[None], bell: asyncio.Event) -> None:
    async for _ in rings:
        bell.set()

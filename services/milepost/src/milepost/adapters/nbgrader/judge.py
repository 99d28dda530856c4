"""The judge: each attempt in a process of its own, forked from one that has imported everything."""

import asyncio
import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import TypeVar

from milepost.adapters.nbgrader import child
from milepost.adapters.nbgrader.course_root import CourseRoot, CourseRoots
from milepost.adapters.nbgrader.grading import Job
from milepost.adapters.nbgrader.sandbox import SandboxSettings
from milepost.domain.attempts import Outcome
from milepost.ports.judge import GradeRequest, JudgeError, JudgeUnavailableError

T = TypeVar("T")

_SETTLE = 60
"""Seconds beyond the sandbox's own limit that a grading may take."""
_GRACE = 5
"""Seconds that a grading which is ended has for ending its sandbox."""
_STALE = 3600
"""Seconds after which a working folder is surely nobody's any more."""


class NbgraderJudge:
    """Grades with nbgrader into the gradebooks of `roots`.

    `preload` names modules, besides its own, that grading processes should find imported: the
    program's main module, which multiprocessing imports again in every process.
    """

    def __init__(
        self, roots: CourseRoots, sandbox: SandboxSettings, preload: Sequence[str] = ()
    ) -> None:
        self._roots = roots
        self._sandbox = sandbox
        self._sandbox_digest = sandbox.digest()
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([child.__name__, *preload])
        self._gradings: set[asyncio.Task[Outcome]] = set()

    def prepare(self) -> None:
        """Start the server that gradings are forked from, and sweep up after killed workers."""
        forkserver.ensure_running()
        for folder in self._roots.folder.glob("*/.milepost/grade-*"):
            if time.time() - folder.stat().st_mtime > _STALE:
                shutil.rmtree(folder, ignore_errors=True)  # another worker may be at it, too

    async def grade(self, request: GradeRequest) -> Outcome:
        """Return the outcome, having recorded it in the course's gradebook; repeating is harmless.

        Cancelling the call ends all that it started. Raises JudgeError, JudgeUnavailableError.
        """
        grading = asyncio.create_task(self._grade(request))
        self._gradings.add(grading)
        try:
            return await grading
        finally:
            self._gradings.discard(grading)

    async def close(self) -> None:
        """End whatever is running."""
        for grading in self._gradings:
            grading.cancel()
        await asyncio.gather(*self._gradings, return_exceptions=True)

    async def _grade(self, request: GradeRequest) -> Outcome:
        root = self._roots.of(request.course)
        work = await _to_the_end(partial(_make_work, root))
        try:
            job = Job(request, root, self._sandbox, self._sandbox_digest, work)
            async with asyncio.timeout(self._sandbox.wall_seconds + _SETTLE):
                return await self._in_child(job)
        except TimeoutError as error:
            raise JudgeError("Grading took longer than its sandbox may live.") from error
        finally:
            await _to_the_end(partial(shutil.rmtree, work, ignore_errors=True))

    async def _in_child(self, job: Job) -> Outcome:
        receiver, sender = self._context.Pipe(duplex=False)
        process = self._context.Process(target=child.main, args=(sender, job), daemon=True)
        try:
            await _to_the_end(process.start)
            sender.close()
            result = await _receive(receiver)
        finally:
            receiver.close()
            if process.pid is not None:
                await _to_the_end(partial(_end, process, process.pid))
        if isinstance(result, Outcome):
            return result
        if result is None:
            raise JudgeError(f"The grading process was lost ({process.exitcode}).")
        raise (JudgeUnavailableError if result.unavailable else JudgeError)(result.reason)


def _make_work(root: CourseRoot) -> Path:
    root.workshop.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="grade-", dir=root.workshop))


async def _receive(receiver: Connection) -> Outcome | child.Failure | None:
    """Return what the child sends; None where it ends without a word."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(receiver.fileno(), readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(receiver.fileno())
    try:
        result: Outcome | child.Failure = await asyncio.to_thread(receiver.recv)
    except EOFError:
        return None
    return result


def _end(process: ForkServerProcess, pid: int) -> None:
    """See the process and everything in its group gone."""
    process.join(timeout=0)
    if process.exitcode is None:
        process.terminate()
        process.join(timeout=_GRACE)
    if process.exitcode is None:
        with suppress(ProcessLookupError):  # it had not come so far as to have a group
            os.killpg(pid, signal.SIGKILL)
        process.kill()
    process.join()


async def _to_the_end(call: Callable[[], T]) -> T:
    """Call in a thread, and where we are cancelled meanwhile, let it finish first."""
    running = asyncio.ensure_future(asyncio.to_thread(call))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await running
        raise

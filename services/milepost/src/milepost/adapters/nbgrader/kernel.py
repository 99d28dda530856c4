"""One kernel in a sandbox, and cells run in it one by one by a client that trusts nothing."""

import time
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from kernel_sandbox import KERNEL_NAME, CauseOfDeath
from nbformat import NotebookNode
from traitlets.config import Config

from milepost.adapters.nbgrader.listening import PROOF, KernelMisbehavedError, Listening
from milepost.adapters.nbgrader.outputs import CellOutputs
from milepost.ports.judge import JudgeError

_LARGEST_MESSAGE = 4 * 1024 * 1024
_WAITING_MESSAGES = 16
_LOOK_EVERY = 0.2
_IDLE_SOON = 2.0
_IDLE_AT_MOST = 10.0
_ARGUMENTS = [
    "--HistoryManager.hist_file=:memory:",
    # The learner's folder comes last on the path: a file of theirs that is named like a library
    # must not stand in for it, in the very kernel that runs the tests.
    "--InteractiveShellApp.ignore_cwd=True",
    "--InteractiveShellApp.exec_lines=import os, sys; sys.path.append(os.getcwd()); del os, sys",
]


class End(StrEnum):
    """How a cell ended. After anything but DONE and RAISED the kernel is no more."""

    DONE = "done"
    RAISED = "raised"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    FLOODED = "flooded"


@dataclass
class CellRun:
    """What came of one cell. `proven` says that the kernel gave back the number it was sent."""

    end: End
    outputs: list[NotebookNode] = field(default_factory=list)
    proven: bool = False


class SandboxKernel:
    """An async context manager: a started kernel, ended when the block is left."""

    def __init__(self, config: Config, folder: Path, kernel_name: str = KERNEL_NAME) -> None:
        context = zmq.asyncio.Context()
        # Beyond these limits libzmq drops the connection instead of filling our memory.
        context.setsockopt(zmq.MAXMSGSIZE, _LARGEST_MESSAGE)
        context.setsockopt(zmq.RCVHWM, _WAITING_MESSAGES)
        self._context = context
        self._manager = AsyncKernelManager(kernel_name=kernel_name, config=config, context=context)
        self._folder = folder
        self._client: AsyncKernelClient | None = None

    async def __aenter__(self) -> Self:
        """Start the kernel; every failure of it is ours, not the learner's."""
        try:
            await self._manager.start_kernel(cwd=str(self._folder), extra_arguments=_ARGUMENTS)
            client: AsyncKernelClient = self._manager.client()
            self._client = client
            client.start_channels(stdin=False, hb=False)
            await client.wait_for_ready(timeout=60)
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    async def _end(self) -> None:
        if self._client is not None:
            self._client.stop_channels()
        if self._manager.has_kernel:
            await self._manager.shutdown_kernel(now=True)
        self._context.destroy(linger=0)

    async def run(self, source: str, *, seconds: float, nonce: str, history: bool) -> CellRun:
        """Run one cell for at most `seconds`; `history` says whether later cells may see it."""
        client = self._ready_client()
        outputs = CellOutputs()
        message = client.execute(
            source,
            store_history=history,
            allow_stdin=False,
            stop_on_error=False,
            user_expressions={PROOF: repr(nonce)},
        )
        listening = Listening(client, message, outputs)
        try:
            end = await self._listen(listening, time.monotonic() + seconds)
        except KernelMisbehavedError:
            end = End.CRASHED
        if end not in {End.DONE, End.RAISED}:
            end = await self._explain(end)
        return CellRun(end, outputs.finished(), proven=listening.proves(nonce))

    async def _listen(self, listening: Listening, deadline: float) -> End:
        """Take messages until reply and idle state are there, the time is up, or it died."""
        while not listening.complete:
            left, waited = deadline - time.monotonic(), listening.seconds_since_reply
            if waited is None and left <= 0:
                return End.TIMED_OUT
            if waited is not None and waited > _IDLE_AT_MOST:
                raise JudgeError("The kernel answered, and did not say that it was done.")
            # The reply came in time: what follows it is not the learner's to hurry.
            pause = min(left, _LOOK_EVERY) if waited is None else _LOOK_EVERY
            if await listening.step(pause):
                if listening.flooded:
                    return End.FLOODED
            elif not await self._manager.is_alive():
                return End.CRASHED
            elif waited is not None and waited > _IDLE_SOON and listening.cut_off:
                # The reply is there and the rest is not: it was too large to be taken.
                return End.FLOODED
        return End.DONE if listening.ok else End.RAISED

    async def _explain(self, end: End) -> End:
        """End the kernel, and say what it died of where it died by itself."""
        provisioner = self._manager.provisioner
        cause = getattr(provisioner, "cause_of_death", None)  # another provisioner has none
        await self._manager.shutdown_kernel(now=True)
        causes = {
            CauseOfDeath.OUT_OF_MEMORY: End.OUT_OF_MEMORY,
            CauseOfDeath.TIMED_OUT: End.TIMED_OUT,
        }
        return causes.get(cause, end) if cause is not None else end

    def _ready_client(self) -> AsyncKernelClient:
        if self._client is None:
            raise RuntimeError("The kernel is not started: use `async with`.")
        return self._client

"""One kernel in a sandbox, and cells run in it one by one by a client that trusts nothing."""

import time
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from kernel_sandbox import KERNEL_NAME, CauseOfDeath
from nbformat import NotebookNode
from traitlets.config import Config

from milepost.adapters.nbgrader.outputs import CellOutputs

FLOOD_BYTES = 4 * 1024 * 1024
"""How much one cell may send before it is stopped."""
_LARGEST_MESSAGE = 4 * 1024 * 1024
_WAITING_MESSAGES = 16
_LOOK_EVERY = 0.2
_IDLE_WITHIN = 2.0
_PROOF = "milepost_proof"
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


class KernelMisbehavedError(Exception):
    """The kernel sent something that is no message of the protocol."""


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
            user_expressions={_PROOF: repr(nonce)},
        )
        listening = _Listening(client, message, outputs)
        try:
            end = await self._listen(listening, time.monotonic() + seconds)
        except KernelMisbehavedError:
            end = End.CRASHED
        if end not in {End.DONE, End.RAISED}:
            end = await self._explain(end)
        return CellRun(end, outputs.finished(), proven=listening.proves(nonce))

    async def _listen(self, listening: "_Listening", deadline: float) -> End:
        """Take messages until reply and idle state are there, the time is up, or it died."""
        while not listening.complete:
            left = deadline - time.monotonic()
            if left <= 0:
                return End.TIMED_OUT
            if await listening.step(min(left, _LOOK_EVERY)):
                if listening.flooded:
                    return End.FLOODED
            elif not await self._manager.is_alive():
                return End.CRASHED
            elif listening.silent_since_reply(_IDLE_WITHIN):
                # The reply is there and the rest is not: it was too large to be taken.
                return End.FLOODED
        return listening.end

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


class _Listening:
    """The messages that answer one request."""

    def __init__(self, client: AsyncKernelClient, message: str, outputs: CellOutputs) -> None:
        self._client = client
        self._message = message
        self._outputs = outputs
        self._sockets = {
            client.shell_channel.socket: self._on_shell,
            client.iopub_channel.socket: self._on_iopub,
        }
        self._poller = zmq.asyncio.Poller()
        for socket in self._sockets:
            self._poller.register(socket, zmq.POLLIN)
        self._reply: dict[str, Any] | None = None
        self._replied_at = 0.0
        self._idle = False
        self._raised = False
        self._bytes = 0

    @property
    def complete(self) -> bool:
        """Whether both the reply and the end of the output have come."""
        return self._reply is not None and self._idle

    @property
    def flooded(self) -> bool:
        """Whether more came than a cell may send."""
        return self._bytes > FLOOD_BYTES

    @property
    def end(self) -> End:
        """How the cell ended, once it is complete."""
        ok = self._reply is not None and self._reply["status"] == "ok"
        return End.DONE if ok else End.RAISED

    def silent_since_reply(self, seconds: float) -> bool:
        """Whether the reply came and the end of the output stays away."""
        return self._reply is not None and time.monotonic() - self._replied_at > seconds

    def proves(self, nonce: str) -> bool:
        """Whether the reply says that all went well, and holds the number."""
        if self._reply is None or self._reply["status"] != "ok":
            return False
        try:
            proof = self._reply["user_expressions"][_PROOF]
            return bool(proof["status"] == "ok" and proof["data"]["text/plain"] == repr(nonce))
        except (KeyError, TypeError):
            return False

    async def step(self, seconds: float) -> bool:
        """Take what is there, waiting for it a while; False when nothing came.

        Raises KernelMisbehavedError.
        """
        ready = await self._poller.poll(int(seconds * 1000))
        for socket, _ in ready:
            parts = await socket.recv_multipart()
            self._bytes += sum(len(part) for part in parts)
            try:
                self._sockets[socket](self._parse(parts))
            except Exception as error:  # whatever a kernel under a learner's control may send
                raise KernelMisbehavedError(repr(error)) from error
        return bool(ready)

    def _parse(self, parts: list[bytes]) -> dict[str, Any]:
        session = self._client.session
        _, rest = session.feed_identities(parts)
        message: dict[str, Any] = session.deserialize(rest)
        return message

    def _on_shell(self, message: dict[str, Any]) -> None:
        if message["parent_header"].get("msg_id") != self._message:
            return
        content = message["content"]
        if content["status"] not in {"ok", "error", "aborted"}:
            raise ValueError("unknown status")
        if content["status"] != "ok" and not self._raised:
            # An error that the kernel did not show: SystemExit, or a muted showtraceback.
            self._outputs.take(
                "error", {"traceback": [], "ename": "Error", "evalue": "", **content}
            )
        self._reply = content
        self._replied_at = time.monotonic()

    def _on_iopub(self, message: dict[str, Any]) -> None:
        if message["parent_header"].get("msg_id") != self._message:
            return
        kind = message["header"]["msg_type"]
        if kind == "status":
            self._idle = message["content"]["execution_state"] == "idle"
            return
        self._raised = self._raised or kind == "error"
        self._outputs.take(kind, message["content"])

"""The messages that answer one request to a kernel that is not trusted."""

import time
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient

from milepost.adapters.nbgrader.outputs import CellOutputs

FLOOD_BYTES = 4 * 1024 * 1024
"""How much one cell may send before it is stopped."""
_MUCH_BYTES = FLOOD_BYTES // 8
"""From about here on the kernel's side may have dropped messages: it keeps a thousand waiting."""
PROOF = "milepost_proof"
"""The name under which a request asks for its number back."""


class KernelMisbehavedError(Exception):
    """The kernel sent something that is no message of the protocol."""


class Listening:
    """The messages that answer one request."""

    def __init__(self, client: AsyncKernelClient, message: str, outputs: CellOutputs) -> None:
        self._client = client
        self._message = message
        self._outputs = outputs
        self._sockets = {
            client.shell_channel.socket: self._on_shell,
            client.iopub_channel.socket: self._on_iopub,
        }
        # Says when libzmq dropped the connection, which it does for a message that is too large.
        self._monitor = client.iopub_channel.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self._poller = zmq.asyncio.Poller()
        for socket in [*self._sockets, self._monitor]:
            self._poller.register(socket, zmq.POLLIN)
        self._reply: dict[str, Any] | None = None
        self._replied_at = 0.0
        self._idle = False
        self._raised = False
        self._bytes = 0
        self._dropped = False

    @property
    def complete(self) -> bool:
        """Whether both the reply and the end of the output have come."""
        return self._reply is not None and self._idle

    @property
    def flooded(self) -> bool:
        """Whether more came than a cell may send."""
        return self._bytes > FLOOD_BYTES

    @property
    def ok(self) -> bool:
        """Whether the reply says that all went well."""
        return self._reply is not None and self._reply["status"] == "ok"

    @property
    def cut_off(self) -> bool:
        """Whether the end of the output may be lost, for there was so much of it."""
        return self._dropped or self._bytes > _MUCH_BYTES

    @property
    def seconds_since_reply(self) -> float | None:
        """How long the reply has been there; None as long as it is not."""
        return None if self._reply is None else time.monotonic() - self._replied_at

    def proves(self, nonce: str) -> bool:
        """Whether the reply says that all went well, and holds the number."""
        if self._reply is None or not self.ok:
            return False
        try:
            proof = self._reply["user_expressions"][PROOF]
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
            if socket is self._monitor:
                self._dropped = True
                continue
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

"""JSON lines over a socket: how a job and the kernel talk."""

import json
import select
import socket
import time
from typing import Any

MAX_LINE_BYTES = 8 * 1024 * 1024
CHUNK_BYTES = 65536


class ChannelClosedError(Exception):
    """The other side went away without an answer."""


class UnreadableAnswerError(Exception):
    """The other side sent something that is too large or is no JSON object."""


class Channel:
    """One end of a connected stream socket that carries a JSON object a line."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = b""

    def send(self, message: dict[str, Any]) -> None:
        """Send one object. Raises OSError where the other end is closed."""
        self._connection.sendall(json.dumps(message).encode() + b"\n")

    def receive(self, seconds: float | None) -> dict[str, Any]:
        """Return the next object, waiting at most `seconds` (None: for ever).

        Raises TimeoutError, ChannelClosedError, UnreadableAnswerError.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        while b"\n" not in self._buffer:
            if not self._readable(deadline):
                raise TimeoutError
            self._fill()
        line, self._buffer = self._buffer.split(b"\n", 1)
        return _decoded(line)

    def waiting(self) -> list[dict[str, Any]]:
        """Return the objects that have arrived already."""
        found: list[dict[str, Any]] = []
        try:
            while True:
                found.append(self.receive(0))
        except (TimeoutError, ChannelClosedError):
            return found

    def close(self) -> None:
        """Close this end."""
        self._connection.close()

    def _readable(self, deadline: float | None) -> bool:
        rest = None if deadline is None else max(0.0, deadline - time.monotonic())
        return bool(select.select([self._connection], [], [], rest)[0])

    def _fill(self) -> None:
        try:
            chunk = self._connection.recv(CHUNK_BYTES)
        except ConnectionResetError as error:
            raise ChannelClosedError from error
        if not chunk:
            raise ChannelClosedError
        self._buffer += chunk
        if len(self._buffer) > MAX_LINE_BYTES:
            raise UnreadableAnswerError("more than 8 MB of data")


def _decoded(line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnreadableAnswerError("data that cannot be read as JSON") from error
    if type(message) is not dict:
        raise UnreadableAnswerError("data that is no JSON object")
    return message

"""What a container says on its error stream before its kernel is ready."""

from typing import Any

from docker.models.containers import Container

_HEADER = 8  # bytes before each piece: stream number, three zeros, length (Docker API, "attach")
_MOST = 65536
_KEPT = 4096


class Output:
    """An attachment to the error stream of a container that is about to start.

    It must be closed before the container is killed: the daemon waits for a reader who has
    stopped reading.
    """

    def __init__(self, container: Container) -> None:
        self._stream: Any = container.attach_socket(params={"stderr": 1, "stream": 1})

    def close(self) -> str:
        """Detach, and return the last of what was said; nothing the second time."""
        if self._stream is None:
            return ""
        socket = getattr(self._stream, "_sock", self._stream)
        socket.setblocking(False)
        try:
            said = bytes(socket.recv(_MOST))
        except BlockingIOError:
            said = b""
        self._stream.close()
        socket.close()
        self._stream = None
        return _without_headers(said)[-_KEPT:].decode(errors="replace").strip()


def _without_headers(stream: bytes) -> bytes:
    pieces = []
    while len(stream) >= _HEADER:
        end = _HEADER + int.from_bytes(stream[4:_HEADER], "big")
        pieces.append(stream[_HEADER:end])
        stream = stream[end:]
    return b"".join(pieces)

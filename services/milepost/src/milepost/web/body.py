"""Bodies of requests: streamed to a temporary file, and held to a limit while they arrive."""

import tempfile
from typing import IO

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPServerRequest

from milepost.domain.errors import TooLargeError

_IN_MEMORY = 256 * 1024
_DRAINED = 8
"""How many times the limit is read and thrown away, so that the sender gets to hear of it."""


class BodyFile:
    """The body of one request; what goes beyond `limit` bytes is dropped, and said so."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._file: IO[bytes] | None = None

    def expect(self, request: HTTPServerRequest) -> None:
        """Prepare for the body. Raises TooLargeError when its announced length is too much."""
        if isinstance(request.connection, HTTP1Connection):
            request.connection.set_max_body_size(self._limit * _DRAINED)
        announced = request.headers.get("Content-Length", "0")
        self._size = int(announced) if announced.isdecimal() else 0
        self._check()
        self._size = 0

    def add(self, chunk: bytes) -> None:
        """Keep a chunk, unless it is too much already."""
        self._size += len(chunk)
        if self._size > self._limit:
            self.close()
            return
        if self._file is None:
            self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        self._file.write(chunk)

    def read(self) -> bytes:
        """Return the whole body. Raises TooLargeError."""
        self._check()
        if self._file is None:
            return b""
        self._file.seek(0)
        return self._file.read()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _check(self) -> None:
        if self._size > self._limit:
            raise TooLargeError(f"The body is larger than {self._limit // 1024} KiB.")

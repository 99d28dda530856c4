"""Bodies of requests: streamed to a temporary file, and held to a limit while they arrive."""

import tempfile
from typing import IO

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPServerRequest

from milepost.domain.errors import TooLargeError

_IN_MEMORY = 256 * 1024
_DRAINED = 4
_LEAST_DRAINED = 64 * 1024 * 1024
"""Bytes beyond the limit are read and thrown away, up to so many times the limit, or so many."""


class BodyFile:
    """The body of one request; what goes beyond `limit` bytes is dropped, and said so."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._file: IO[bytes] | None = None

    def expect(self, request: HTTPServerRequest) -> None:
        """Let the connection read more than the limit, so that the sender gets to hear of it."""
        if isinstance(request.connection, HTTP1Connection):
            request.connection.set_max_body_size(max(self._limit * _DRAINED, _LEAST_DRAINED))

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
        if self._size > self._limit:
            raise TooLargeError(f"The body is larger than {self._limit // 1024} KiB.")
        if self._file is None:
            return b""
        self._file.seek(0)
        return self._file.read()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

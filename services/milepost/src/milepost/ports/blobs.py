"""Content-addressed bytes: submissions, releases, feedback."""

from typing import Protocol


class BlobMissingError(KeyError):
    """No blob of this digest is stored."""


class BlobDamagedError(Exception):
    """The stored bytes are not those that the digest names; the message says which file."""


class Blobs(Protocol):
    """A store of immutable bytes, named by the SHA-256 (lower-case hex) of their content."""

    def put(self, data: bytes) -> str:
        """Store durably and return the digest; storing the same bytes twice is harmless."""

    def get(self, digest: str) -> bytes:
        """Return the bytes, verified against the digest.

        Raises BlobMissingError where there are none, BlobDamagedError when they are not what was
        put.
        """

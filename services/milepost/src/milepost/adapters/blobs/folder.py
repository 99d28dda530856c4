"""Blobs in a folder, by digest."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

from milepost.ports.blobs import BlobDamagedError, BlobMissingError

_DIGEST = re.compile(r"[0-9a-f]{64}")


class FolderBlobs:
    """Blobs as `ab/cd/abcd…` under one folder; several processes may share it.

    A blob is there whole or not at all: it is written beside its place, flushed to the disk, and
    renamed. Once `put` returns it survives a power cut.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        _make_folder(folder)

    def put(self, data: bytes) -> str:
        """Store durably and return the digest; a damaged blob of this digest is mended."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        if not self._holds(path, data):
            _make_folder(path.parent.parent)
            _make_folder(path.parent)
            _write(path, data)
        # Also where the blob was there: whoever put it may not have come as far as this.
        _flush(path.parent)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the bytes, verified. Raises BlobMissingError, BlobDamagedError."""
        if not _DIGEST.fullmatch(digest):
            raise BlobMissingError(digest)
        path = self._path(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise BlobMissingError(digest) from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise BlobDamagedError(
                f"{path} does not hold what was stored: bring it back from a backup."
            )
        return data

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest[2:4] / digest

    def _holds(self, path: Path, data: bytes) -> bool:
        try:
            return path.read_bytes() == data
        except FileNotFoundError:
            return False


def _write(path: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=".part-", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _make_folder(folder: Path) -> None:
    """Make a folder that only this account reads, and its entry in the one above durable."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _flush(folder.parent)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

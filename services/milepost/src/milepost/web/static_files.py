"""Static files, under an address that changes with their content and is then kept for good."""

import hashlib
from pathlib import Path

from tornado.web import StaticFileHandler

from milepost.web.security import secure

FOLDER = Path(__file__).parent / "static"
_FOREVER = "public, max-age=31536000, immutable"


def content_hash(folder: Path = FOLDER) -> str:
    """Return 12 hexadecimal digits that stand for every name and byte in the folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            digest.update(f"{path.relative_to(folder)}\0{len(data)}\0".encode())
            digest.update(data)
    return digest.hexdigest()[:12]


class StaticHandler(StaticFileHandler):
    """Serves `static/<content hash>/<file>`.

    A page of another version, during an update, gets the file as it is now, and keeps it not.
    """

    def initialize(self, path: str, current: str) -> None:  # type: ignore[override]
        """Take the folder and the hash of its content."""
        super().initialize(path)
        self._current = current

    async def get(self, version: str, path: str) -> None:  # type: ignore[override]
        """Send a file."""
        self._version = version
        await super().get(path)

    async def head(self, version: str, path: str) -> None:  # type: ignore[override]
        """Send a file's headers."""
        self._version = version
        await StaticFileHandler.get(self, path, include_body=False)

    def set_default_headers(self) -> None:
        """Harden every answer."""
        secure(self)

    def set_extra_headers(self, path: str) -> None:  # noqa: ARG002
        """Have the file kept, if it is this version's."""
        self.set_header("Cache-Control", _FOREVER if self._version == self._current else "no-cache")

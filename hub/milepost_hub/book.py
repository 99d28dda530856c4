"""The concept book, for everybody to read: `python -m milepost_hub.book FOLDER`, a Hub service.

Where it listens and below which address is in JUPYTERHUB_SERVICE_URL and
JUPYTERHUB_SERVICE_PREFIX, which the Hub sets. Nobody has to sign in, and nothing is written.
The book shares the Hub's origin: only trusted authors may write it.
"""

import asyncio
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from tornado.web import Application, HTTPError, RedirectHandler, StaticFileHandler

from milepost_hub.headers import BOOK_HEADERS

NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>The concept book</title></head>
<body><h1>The book has not been built yet</h1>
<p>Whoever runs this platform builds it with <code>make book</code>, and need not start anything
again.</p></body></html>
"""
NOT_THERE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>The concept book</title></head>
<body><h1>This page is not in the book</h1><p><a href="{prefix}">To its beginning</a></p></body>
</html>
"""
JAVASCRIPT = {".js", ".mjs"}


class BookHandler(StaticFileHandler):
    """A file of the built book, or a page that says why there is none."""

    def set_default_headers(self) -> None:
        """Let pages load what is in the book, and nothing else."""
        for name, value in BOOK_HEADERS.items():
            self.set_header(name, value)

    async def get(self, path: str, include_body: bool = True) -> None:
        """Answer with the file; also to HEAD."""
        if (Path(self.root) / "index.html").is_file():
            if "\0" in path:
                raise HTTPError(404)  # no file's name, and an error to the file system
            await super().get(path, include_body)
            return
        self.set_status(404)
        self.finish(NOT_BUILT)

    def set_extra_headers(self, path: str) -> None:
        """Have browsers ask each time, save for files whose address changes with them (?v=)."""
        del path  # the same for all
        if "v" not in self.request.arguments:
            self.set_header("Cache-Control", "no-cache")

    def compute_etag(self) -> str | None:
        """Tell by the file's own record: tornado would remember the book before a new one."""
        status = Path(str(self.absolute_path)).stat()
        return f'"{status.st_mtime_ns:x}-{status.st_size:x}"'

    def get_content_type(self) -> str:
        """Know JavaScript on machines whose list of types does not: modules need it."""
        if Path(str(self.absolute_path)).suffix in JAVASCRIPT:
            return "text/javascript"
        return super().get_content_type()

    def write_error(self, status_code: int, **kwargs: object) -> None:
        """Say that there is no such page, without a word about the machine."""
        del status_code, kwargs  # what was asked for cannot be had, whatever the reason
        self.finish(NOT_THERE.format(prefix=self.settings["prefix"]))


def application(folder: Path, prefix: str) -> Application:
    """Return the application that serves `folder` below `prefix` (which ends with a slash)."""
    files = {"path": str(folder), "default_filename": "index.html"}
    return Application(
        [
            (prefix.rstrip("/"), RedirectHandler, {"url": prefix}),
            (f"{prefix}(.*)", BookHandler, files),
        ],
        prefix=prefix,
    )


async def serve() -> None:
    """Listen until the process is ended."""
    address = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    prefix = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
    application(Path(sys.argv[1]), prefix).listen(address.port or 80, address.hostname or "")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())

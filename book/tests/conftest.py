"""The real book, built once, and shown by the Hub's service."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from conftest import require

REPO = Path(__file__).resolve().parents[2]
BUILDER = REPO / "book" / ".venv" / "bin" / "python"
PREFIX = "/services/book/"
NOWHERE = "http://127.0.0.1:9"


def build(book: Path, output: Path) -> subprocess.CompletedProcess[str]:
    """Run a book's build with every way to the network closed."""
    assert BUILDER.exists(), "the book's environment is missing: make setup-test installs it"
    closed = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), NOWHERE)
    return subprocess.run(
        [BUILDER, book / "build.py", output, "--courses", REPO / "courses"],
        env={**os.environ, **closed},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="session")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built book; a warning fails the build."""
    output = tmp_path_factory.mktemp("book")
    done = build(REPO / "book", output)
    assert done.returncode == 0, done.stdout + done.stderr
    return output / "html"


@pytest.fixture(scope="session")
def shown(html: Path) -> Iterator[str]:
    """The address at which the service shows the book."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environment = {"JUPYTERHUB_SERVICE_URL": address, "JUPYTERHUB_SERVICE_PREFIX": PREFIX}
    service = subprocess.Popen(
        [sys.executable, "-m", "milepost_hub.book", html], env={**os.environ, **environment}
    )
    deadline = time.monotonic() + 30
    while not _listens(port):
        assert service.poll() is None
        assert time.monotonic() < deadline, "the book's service does not listen"
        time.sleep(0.05)
    yield f"{address}{PREFIX}"
    service.terminate()
    service.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium that knows no host but this machine."""
    require("chromium")
    options = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=options)
        yield chromium
        chromium.close()

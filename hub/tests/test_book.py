"""The book's service: open to everybody, closed to everything but the book."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hub.tests.conftest import free_ports

PREFIX = "/services/book/"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A built book, with a secret beside it."""
    html = tmp_path / "html"
    (html / "concepts").mkdir(parents=True)
    (html / "index.html").write_text("<h1>The book</h1>")
    (html / "concepts" / "routes.html").write_text("<h1>Routes</h1>")
    (html / "module.mjs").write_text("export default 1;")
    (html / "outside").symlink_to(tmp_path)
    (tmp_path / "secret").write_text("secret")
    return html


@pytest.fixture
def book(folder: Path) -> Iterator[httpx.Client]:
    """The service, as the Hub starts it."""
    address = f"http://127.0.0.1:{free_ports()}"
    environment = {"JUPYTERHUB_SERVICE_URL": address, "JUPYTERHUB_SERVICE_PREFIX": PREFIX}
    service = subprocess.Popen(
        [sys.executable, "-m", "milepost_hub.book", folder], env={**os.environ, **environment}
    )
    with httpx.Client(base_url=address, trust_env=False) as client:
        deadline = time.monotonic() + 30
        while not _answers(client):
            assert service.poll() is None
            assert time.monotonic() < deadline, "the book's service does not answer"
            time.sleep(0.05)
        yield client
    service.terminate()
    service.wait(10)


def _answers(client: httpx.Client) -> bool:
    try:
        client.get("/")
    except httpx.ConnectError:
        return False
    return True


def test_a_page_is_read_with_a_policy_that_loads_nothing_from_elsewhere(book: httpx.Client):
    answer = book.get(f"{PREFIX}concepts/routes.html")
    assert answer.status_code == 200
    assert answer.text == "<h1>Routes</h1>"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "unsafe-eval" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_address_without_a_slash_leads_to_the_beginning(book: httpx.Client):
    answer = book.get(PREFIX.rstrip("/"))
    assert answer.status_code == 301
    assert answer.headers["Location"] == PREFIX
    assert book.get(PREFIX).text == "<h1>The book</h1>"


def test_modules_are_javascript(book: httpx.Client):
    answer = book.get(f"{PREFIX}module.mjs")
    assert answer.headers["Content-Type"].startswith("text/javascript")


def test_a_page_is_sent_again_only_when_it_has_changed(book: httpx.Client, folder: Path):
    answer = book.get(PREFIX)
    assert answer.headers["Cache-Control"] == "no-cache"
    known = {"If-None-Match": answer.headers["ETag"]}
    assert book.get(PREFIX, headers=known).status_code == 304
    (folder / "index.html").write_text("<h1>The new book</h1>")
    assert book.get(PREFIX, headers=known).text == "<h1>The new book</h1>"


@pytest.mark.parametrize(
    "path",
    ["../secret", "..%2fsecret", "%2e%2e/secret", "concepts/../../secret", "outside/secret",
     "/etc/passwd", "%2fetc%2fpasswd", "../html2/x", "no.html", "concepts/", "outside/", "a%00b",
     "a" * 3000],
)  # fmt: skip
def test_nothing_but_the_book_is_given_out_or_listed(book: httpx.Client, path: str):
    url = httpx.URL(str(book.base_url)).copy_with(raw_path=f"{PREFIX}{path}".encode())
    answer = book.get(url)
    assert answer.status_code in {400, 403, 404}
    assert "secret" not in answer.text
    assert "root:" not in answer.text
    assert "routes" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_it_is_for_reading_only(book: httpx.Client, method: str):
    assert book.request(method, f"{PREFIX}index.html").status_code in {403, 405}


def test_a_book_that_is_not_built_says_how_to_build_it(book: httpx.Client, folder: Path):
    (folder / "index.html").unlink()
    answer = book.get(f"{PREFIX}concepts/routes.html")
    assert answer.status_code == 404
    assert "make book" in answer.text


def test_a_visitor_reads_the_book_without_signing_in(scratch_platform, folder: Path):
    platform = scratch_platform(MILEPOST_BUILT_BOOK=str(folder)).start()
    visitor = platform.visitor()
    answer = visitor.get("/services/book")
    assert str(answer.url) == f"{platform.url}{PREFIX}"
    assert answer.text == "<h1>The book</h1>"
    page = visitor.get(f"{PREFIX}concepts/routes.html")
    assert page.text == "<h1>Routes</h1>"
    assert not visitor.cookies

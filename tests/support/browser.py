"""Chromium, headless, as Debian ships it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 60_000  # milliseconds: what a page may take on a busy machine


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser; every context of it is a person of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def person(browser: Browser) -> BrowserContext:
    """Return a window with no cookies and nothing cached."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    context.set_default_navigation_timeout(PATIENCE)
    return context


def screenshots(context: BrowserContext, folder: Path) -> list[Path]:
    """Save a picture of each open page into `folder`, for whoever reads the failure."""
    folder.mkdir(parents=True, exist_ok=True)
    saved = []
    for number, page in enumerate(context.pages):
        path = folder / f"page-{number}.png"
        page.screenshot(path=path)
        saved.append(path)
    return saved

"""Reading the book in a browser that reaches nothing but this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from book.tests.test_build import CONCEPTS

Scheme = Literal["light", "dark"]


@contextmanager
def reading(
    browser: Browser, shown: str, path: str, *, scheme: Scheme = "light", width: int = 1400
) -> Iterator[Page]:
    """A page; it has to load from the service alone and without an error."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda one: wrong.append(one.text) if one.type == "error" else None)
    page.goto(f"{shown}{path}", wait_until="networkidle")
    yield page
    assert [url for url in asked if not url.startswith((shown, "data:", "blob:"))] == []
    assert wrong == []
    context.close()


@pytest.mark.parametrize("concept", CONCEPTS)
def test_a_page_is_whole_without_the_internet(browser: Browser, shown: str, concept: str):
    with reading(browser, shown, f"concepts/{concept}.html") as page:
        expect(page.locator("pre.mermaid svg")).to_be_visible()
        expect(page.locator("pre.mermaid")).not_to_contain_text("Syntax error")
        expect(page.get_by_role("button", name="Open in JupyterLab")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 360])
def test_pages_fit_their_window_by_day_and_by_night(
    browser: Browser, shown: str, scheme: Scheme, width: int
):
    for path in ("", "concepts/routes.html"):
        with reading(browser, shown, path, scheme=scheme, width=width) as page:
            assert page.evaluate("document.documentElement.dataset.theme") == scheme
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_search_finds_a_paragraph(browser: Browser, shown: str):
    with reading(browser, shown, "search.html?q=idempotent") as page:
        expect(page.locator("#search-results li a").first).to_be_visible()
        expect(page.locator("#search-results")).to_contain_text("Retries")


def test_a_project_is_chosen_at_the_top_of_a_page(browser: Browser, shown: str):
    with reading(browser, shown, "concepts/json.html") as page:
        page.get_by_role("button", name="Open in JupyterLab").click()
        link = page.locator(".milepost-launch").get_by_role("link", name="An HTTP client")
        expect(link).to_be_visible()
        assert link.evaluate("link => new URL(link.href).pathname") == (
            "/hub/user-redirect/milepost/open/backend-python/http-client"
        )

"""The Hub's pages in a real browser: accessible, on a telephone too, and quiet."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from conftest import require

FORMS = ["/hub/login", "/hub/signup"]
# Not /hub/admin: JupyterHub's own page has a button without a name.
OWN_PAGES = ["/hub/change-password", "/hub/home", "/hub/token", "/hub/authorize"]
PHONE = {"width": 360, "height": 640}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    require("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        yield opened
        opened.close()


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, platform) -> Iterator[Page]:
    """A telephone that asks nobody but the platform."""
    context = browser.new_context(base_url=platform.url, viewport=PHONE, color_scheme=request.param)
    page = context.new_page()
    page.set_default_timeout(60_000)
    outside: list[str] = []
    page.on("request", lambda asked: outside.append(asked.url))
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text))
    yield page
    context.close()
    assert [url for url in outside if not url.startswith((platform.url, "data:"))] == []
    assert [text for text in refused if "Content Security Policy" in text] == []


def sign_in(page: Page, platform) -> None:
    page.goto("/hub/login?next=%2Fhub%2Fhome")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(platform.admin_password())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/hub/home")


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("address", FORMS)
def test_forms_before_sign_in_are_accessible_and_fit_a_telephone(page: Page, address: str):
    page.goto(address)
    assert serious(page) == []
    assert fits(page)


@pytest.mark.parametrize("address", OWN_PAGES)
def test_pages_after_sign_in_are_accessible(page: Page, platform, address: str):
    sign_in(page, platform)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert serious(page) == []
    if address in {"/hub/change-password", "/hub/authorize"}:
        assert fits(page)


def test_a_wrong_address_leads_back_to_the_dashboard(page: Page, platform):
    sign_in(page, platform)
    page.goto("/nothing")
    assert page.get_by_text("There is no page at this address.").is_visible()
    assert serious(page) == []
    page.get_by_role("link", name="Go to the dashboard").click()
    page.wait_for_url("**/services/milepost/")


def test_a_form_works_with_the_keyboard_alone_and_tells_what_is_wrong(page: Page):
    page.goto("/hub/signup")
    page.wait_for_function("document.activeElement.id === 'username_input'")
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type("1234567890")
    page.keyboard.press("Tab")
    page.keyboard.type("1234567890")
    page.keyboard.press("Enter")
    problem = page.get_by_role("alert")
    problem.wait_for()
    assert "most common" in problem.inner_text()
    field = page.get_by_label("User name")
    assert field.input_value() == "ada"
    assert "problem" in str(field.get_attribute("aria-describedby"))


def test_a_name_with_markup_is_shown_as_text(page: Page, tmp_path: Path):
    page.goto("/hub/signup")
    page.get_by_label("User name").fill("<img src=x onerror=alert(1)>")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_label("Password, once more").fill("correct horse battery")
    page.on("dialog", lambda _: pytest.fail("the name was run as a script"))
    page.get_by_role("button", name="Create account").click()
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("User name").input_value().startswith("<img src=x")

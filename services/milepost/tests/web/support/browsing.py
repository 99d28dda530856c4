"""A person at the site: through forms and cookies, or in a real browser."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from services.milepost.tests.web.support.site import PREFIX, Site

CHROMIUM = "/usr/bin/chromium"
Scheme = Literal["light", "dark"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page_of(
    browser: Browser, site: Site, name: str, *, scheme: Scheme = "light", width: int = 1200
) -> Iterator[Page]:
    """Open the dashboard as somebody who has just signed in at the Hub."""
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    try:
        page = context.new_page()
        page.goto(f"{site.url}{PREFIX}")
        page.fill("#username_input", name)
        page.fill("#password_input", site.password)
        page.click("#login_submit")
        page.wait_for_url(f"**{PREFIX}")
        yield page
    finally:
        context.close()


@contextmanager
def signed_in(site: Site, name: str) -> Iterator[tuple[httpx.Client, str]]:
    """Yield a client that holds somebody's cookies as a browser does, and the XSRF token."""
    with httpx.Client(base_url=site.url, follow_redirects=True, timeout=30) as client:
        login = client.get(PREFIX)
        xsrf = re.search(r'name="_xsrf" value="([^"]+)"', login.text)
        assert xsrf is not None
        form = {"_xsrf": xsrf[1], "username": name, "password": site.password}
        dashboard = client.post("/hub/login", params={"next": PREFIX}, data=form)
        token = re.search(r'data-xsrf="([^"]+)"', dashboard.text)
        assert token is not None, dashboard.text
        client.headers.update({"Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"})
        yield client, token[1]

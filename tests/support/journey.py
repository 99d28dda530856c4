"""What a person does on the platform, in a real browser."""

import re
from dataclasses import dataclass, field
from secrets import token_hex
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page

from tests.support.lab import Lab, wait_for_notebook
from tests.support.platform import Platform
from tests.support.solutions import COURSE, Files

DASHBOARD = "/services/milepost/"


@dataclass
class Person:
    """Somebody with an account (once signed up) and a browser window of their own."""

    platform: Platform
    context: BrowserContext
    name: str = field(default_factory=lambda: f"learner-{token_hex(4)}")
    password: str = field(default_factory=lambda: f"four quiet words {token_hex(4)}")

    def sign_up(self) -> Page:
        """Create an account, and sign in; return the dashboard."""
        page = self.context.new_page()
        page.goto(f"{self.platform.url}/hub/signup")
        page.get_by_label("User name").fill(self.name)
        page.get_by_label("Password", exact=True).fill(self.password)
        page.get_by_label("Password, once more").fill(self.password)
        page.get_by_role("button", name="Create account").click()
        page.wait_for_url(lambda url: not urlsplit(url).path.endswith("/signup"))
        if "/hub/login" in page.url:
            self._fill_sign_in(page)
        return self._on_dashboard(page)

    def sign_in(self) -> Page:
        """Sign in with name and password; return the dashboard."""
        page = self.context.new_page()
        page.goto(f"{self.platform.url}/")
        page.wait_for_url(re.compile("/hub/login"))
        self._fill_sign_in(page)
        return self._on_dashboard(page)

    def open_dashboard(self) -> Page:
        """Open the dashboard in a new tab."""
        page = self.context.new_page()
        page.goto(self.platform.url + DASHBOARD)
        return self._on_dashboard(page)

    def _fill_sign_in(self, page: Page) -> None:
        page.get_by_label("User name").fill(self.name)
        page.get_by_label("Password").fill(self.password)
        page.get_by_role("button", name="Sign in").click()

    def _on_dashboard(self, page: Page) -> Page:
        page.wait_for_url(lambda url: urlsplit(url).path == DASHBOARD)
        return page

    def open_project(self, dashboard: Page, project: str) -> Lab:
        """Press "Open in JupyterLab", and wait until the project's notebook is open."""
        card(dashboard, project).get_by_role("link", name=re.compile("Open in JupyterLab")).click()
        wait_for_notebook(dashboard)
        return Lab(dashboard)

    def save_solution(self, lab: Lab, project: str, files: Files, *, course: str = COURSE) -> None:
        """Save the files in the learner's folder of the project."""
        lab.save(f"{course}/{project}", files)

    def submit(self, lab: Lab, project: str, *, course: str = COURSE) -> str:
        """Run `nbgrader submit` in the learner's terminal; return what it says."""
        ran = lab.run(f"nbgrader submit --course {course} {project}")
        if ran.status:
            raise AssertionError(f"nbgrader submit ended with {ran.status}:\n{ran.output}")
        return ran.output


def card(dashboard: Page, project: str):
    """Return the part of the dashboard that shows one project."""
    return dashboard.locator(f'[data-project="{project}"]')


def mark(page: Page) -> str:
    """Leave a mark in the page's window, which a reload would lose."""
    value = token_hex(8)
    page.evaluate("value => { window.milepostMark = value }", value)
    return value


def expect_not_reloaded(page: Page, value: str) -> None:
    """Fail when the page was loaded anew since `mark`."""
    assert page.evaluate("window.milepostMark") == value, "the page was reloaded"

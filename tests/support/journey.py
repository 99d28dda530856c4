"""What a person does on the platform, in a real browser."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from secrets import token_hex
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.support.browser import PATIENCE
from tests.support.lab import Lab, wait_for_notebook
from tests.support.platform import Platform
from tests.support.solutions import COURSE, Files
from tests.support.solutions import project as described

DASHBOARD = "/services/milepost/"

expect.set_options(timeout=PATIENCE)


@dataclass
class Person:
    """Somebody with an account (once signed up) and a browser window of their own."""

    platform: Platform
    context: BrowserContext
    name: str = field(default_factory=lambda: f"learner{token_hex(4)}")
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
        following = dashboard.locator("#next")
        if not following.get_by_role("link", name=_title(project), exact=True).count():
            card(dashboard, project).get_by_role("link", name=_title(project)).click()
        dashboard.get_by_role("link", name="Open in JupyterLab").click()
        wait_for_notebook(dashboard)
        return Lab(dashboard)

    def open_project_page(self, project: str) -> Page:
        """Open the page of one project in a new tab."""
        page = self.open_dashboard()
        card(page, project).get_by_role("link", name=_title(project)).click()
        page.get_by_role("heading", name=_title(project), level=1).wait_for()
        return page

    def watch(self) -> "Watch":
        """Open the dashboard in a second tab, to be looked at and never touched."""
        page = self.open_dashboard()
        mark = token_hex(8)
        page.evaluate("mark => { window.milepostMark = mark }", mark)
        return Watch(page, mark)

    def save_solution(self, lab: Lab, project: str, files: Files, *, course: str = COURSE) -> None:
        """Save the files in the learner's folder of the project."""
        lab.save(f"{course}/{project}", files)

    def submit(self, lab: Lab, project: str, *, course: str = COURSE) -> str:
        """Run `nbgrader submit` in the learner's terminal; return what it says."""
        ran = lab.run(f"nbgrader submit --course {course} {project}")
        if ran.status:
            raise AssertionError(f"nbgrader submit ended with {ran.status}:\n{ran.output}")
        return ran.output


@dataclass(frozen=True)
class Watch:
    """A dashboard that only its own event stream changes."""

    page: Page
    mark: str

    def expect_failed_steps(self, project: str, steps: Collection[str], *, because: str) -> None:
        """Wait until exactly these steps are shown as failed, with the failing test's words."""
        latest = self.page.locator("#latest")
        expect(latest.get_by_text("Some steps failed")).to_be_visible()
        titles = {step["title"] for step in described(project)["steps"] if step["id"] in steps}
        shown = latest.locator(".result-no .result-title").all_inner_texts()
        assert {text.strip() for text in shown} == titles
        failed = latest.locator(".result-no .message")
        expect(failed.filter(has_text=because).first).to_be_visible()
        self.expect_not_reloaded()

    def expect_score(self, project: str, percent: int) -> None:
        """Wait until the project's card shows this score."""
        shown = card(self.page, project).get_by_text(re.compile(rf"\b{percent} %"))
        expect(shown).to_be_visible()
        self.expect_not_reloaded()

    def expect_not_reloaded(self) -> None:
        """Fail when the page was loaded anew since it was opened."""
        assert self.page.evaluate("window.milepostMark") == self.mark, "the page was reloaded"


def _title(project: str) -> str:
    return str(described(project)["title"])


def card(dashboard: Page, project: str, *, course: str = COURSE) -> Locator:
    """Return the part of the dashboard that shows one project."""
    link = dashboard.locator(f'h4 a[href$="/projects/{course}/{project}"]')
    return dashboard.locator("li.project").filter(has=link)


def expect_locked(dashboard: Page, project: str) -> None:
    """Fail unless the project is shown as locked."""
    expect(card(dashboard, project).get_by_text("Locked", exact=True)).to_be_visible()


def expect_open(dashboard: Page, project: str) -> None:
    """Wait until the project is shown, and not as locked."""
    expect(card(dashboard, project)).to_be_visible()
    expect(card(dashboard, project).get_by_text("Locked", exact=True)).to_have_count(0)

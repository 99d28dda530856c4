"""The pages in a real browser."""

import re
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from services.milepost.tests.web.support import seed
from services.milepost.tests.web.support.browsing import Scheme, page_of
from services.milepost.tests.web.support.exchange import accepted, grade, queued
from services.milepost.tests.web.support.site import PREFIX, Site

FIRST = f"{PREFIX}projects/backend/first-server"


def _learner_with_attempts(site: Site) -> str:
    name = site.learner()
    with site.client(name) as client:
        grade(site, accepted(client)["id"], seed.outcome(hello=True, status=False))
        accepted(client)
        grade(site, accepted(client)["id"], seed.outcome(hello=False, status=False))
    return name


def _violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]


def test_a_new_learner_finds_the_next_project_and_where_to_open_it(site: Site, browser: Browser):
    name = site.learner()
    with page_of(browser, site, name) as page:
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Welcome, {name}")
        card = page.locator("#next")
        expect(card.get_by_role("heading")).to_have_text("A first server")
        link = card.get_by_role("link", name="Open in JupyterLab")
        assert link.get_attribute("href") == (
            "/hub/user-redirect/milepost/open/backend/first-server"
        )
        course = page.get_by_role("region", name="Back-end engineering")
        expect(course).to_contain_text("0 of 3 projects completed")
        second = course.get_by_role("listitem").filter(has_text="A second server")
        expect(second.first).to_contain_text("Locked")
        expect(second.first).to_contain_text("Complete A first server first.")


def test_a_submission_s_way_to_its_grade_is_seen_without_a_reload(site: Site, browser: Browser):
    name = site.learner()
    with page_of(browser, site, name) as page, site.client(name) as client:
        page.evaluate("window.neverReloaded = true")
        latest = page.locator("#latest")
        expect(latest).to_contain_text("Nothing submitted yet")
        attempt = accepted(client)["id"]
        expect(latest).to_contain_text("Waiting to be graded")
        grade(site, attempt, seed.outcome(hello=True, status=False, message="got <b>200</b>\n  x"))
        expect(latest).to_contain_text("Some steps failed")
        expect(latest.locator("pre")).to_have_text("got <b>200</b>\n  x")
        expect(latest).to_contain_text("Hidden check failed")
        expect(page.locator("#announcer")).to_have_text(
            "A first server, graded: 5 of 10 points, 1 of 2 steps passed."
        )
        grade(site, accepted(client)["id"], seed.outcome(hello=True, status=True))
        expect(latest).to_contain_text("All steps passed")
        expect(page.locator("#next").get_by_role("heading")).to_have_text("A second server")
        expect(page.get_by_role("region", name="Back-end engineering")).to_contain_text("100 %")
        assert page.evaluate("window.neverReloaded") is True


def test_a_learner_who_waits_sees_how_many_are_ahead_and_nobody_else_s(
    site: Site, browser: Browser
):
    first, second = site.learner(), site.learner()
    with site.client(first) as client:
        accepted(client)
    ahead = queued(site)
    with page_of(browser, site, second) as page, site.client(second) as client:
        accepted(client)
        expect(page.locator("#latest")).to_contain_text(f"{ahead} ahead of you")
        page.goto(f"{site.url}{FIRST}")
        expect(page.locator("#attempts")).to_contain_text(f"{ahead} ahead of you")
        with site.client(first) as other:
            accepted(other)
        page.reload()
        expect(page.locator("#attempts")).to_contain_text(f"{ahead} ahead of you")


def test_focus_and_opened_details_stay_when_results_arrive(site: Site, browser: Browser):
    name = _learner_with_attempts(site)
    with page_of(browser, site, name) as page, site.client(name) as client:
        page.goto(f"{site.url}{FIRST}")
        earlier = page.locator(".history > li > details").last
        earlier.locator("> summary").click()
        earlier.locator("> summary").focus()
        opened = earlier.get_attribute("id")
        accepted(client)
        expect(page.locator("#attempts")).to_contain_text("Waiting to be graded")
        assert page.evaluate("document.activeElement.parentElement.id") == opened
        assert page.locator(f"#{opened}").get_attribute("open") is not None


def test_the_page_catches_up_after_the_stream_was_lost(site: Site, browser: Browser):
    name = site.learner()
    with page_of(browser, site, name) as page, site.client(name) as client:
        page.context.set_offline(True)
        accepted(client)
        page.context.set_offline(False)
        expect(page.locator("#latest")).to_contain_text("Waiting to be graded", timeout=60_000)


def test_a_project_s_page_shows_brief_steps_hints_and_attempts(site: Site, browser: Browser):
    with page_of(browser, site, _learner_with_attempts(site)) as page:
        page.goto(f"{site.url}{FIRST}")
        expect(page.get_by_role("heading", level=1)).to_have_text("A first server")
        expect(page.get_by_role("region", name="What you will build")).to_contain_text(
            "You build A first server, in app/main.py."
        )
        steps = page.get_by_role("region", name="Steps")
        hint = steps.get_by_text("Look at app.")
        expect(hint).to_be_hidden()
        steps.get_by_text("Hint 1 of 2 for Say hello").click()
        expect(hint).to_be_visible()
        expect(page.get_by_role("region", name="In the real world")).to_contain_text("Wikipedia")
        concepts = page.get_by_role("region", name="Concepts")
        assert concepts.get_by_role("link", name="HTTP routing").get_attribute("href") == (
            "/services/book/concepts/http-routing"
        )
        expect(page.locator(".history > li")).to_have_count(2)


@pytest.mark.parametrize("path", [PREFIX, FIRST])
def test_a_failed_step_leads_to_its_paragraph_in_the_book(site: Site, browser: Browser, path: str):
    name = site.learner()
    with site.client(name) as client:
        grade(site, accepted(client)["id"], seed.outcome(hello=True, status=False))
    with page_of(browser, site, name) as page:
        page.goto(f"{site.url}{path}")
        (reading,) = page.locator(".reading").all()
        expect(reading).to_contain_text("Read: HTTP routing")
        link = page.locator(".result-no").get_by_role("link", name="HTTP routing")
        assert link.get_attribute("href") == "/services/book/concepts/http-routing.html#status"


def test_a_locked_project_s_page_says_what_to_complete_first(site: Site, browser: Browser):
    with page_of(browser, site, site.learner()) as page:
        page.goto(f"{site.url}{PREFIX}projects/backend/second-server")
        expect(page.locator("#head")).to_contain_text("Complete A first server first")
        needs = page.get_by_role("region", name="Prerequisites")
        expect(needs).to_contain_text("A first server To do")
        expect(page.get_by_role("link", name="Open in JupyterLab")).to_have_count(0)


@pytest.mark.parametrize("path", [PREFIX, f"{PREFIX}projects/hostile/hostile-project"])
def test_script_in_names_and_texts_is_inert(site: Site, browser: Browser, path: str):
    with page_of(browser, site, "bob") as page:
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.goto(f"{site.url}{path}")
        expect(page.locator("main")).to_contain_text("<script>document.title")
        assert page.title() != "owned"
        assert page.locator("main script, main img[onerror], main [onerror]").count() == 0
        assert page.locator("a[href^='javascript:' i]").count() == 0
        assert complaints == []


def test_the_policy_holds_against_script_that_gets_into_the_page(site: Site, browser: Browser):
    with page_of(browser, site, "bob") as page:
        blocked: list[str] = []
        page.on("console", lambda message: blocked.append(message.text))
        page.evaluate(
            "const s = document.createElement('script'); s.textContent = 'window.owned = 1';"
            "document.body.append(s);"
        )
        assert page.evaluate("window.owned") is None
        assert any("Content Security Policy" in text for text in blocked)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [PREFIX, FIRST, f"{PREFIX}projects/backend/sql-store"])
def test_pages_have_no_serious_accessibility_violation(
    site: Site, browser: Browser, path: str, scheme: Scheme
):
    with page_of(browser, site, _learner_with_attempts(site), scheme=scheme) as page:
        page.goto(f"{site.url}{path}")
        for summary in page.locator("details:not([open]) > summary").all():
            if summary.is_visible():
                summary.click()
        assert _violations(page) == []


@pytest.mark.parametrize("path", [PREFIX, FIRST])
def test_pages_fit_a_narrow_phone(site: Site, browser: Browser, path: str):
    with page_of(browser, site, _learner_with_attempts(site), width=360) as page:
        page.goto(f"{site.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_headings_are_in_order(site: Site, browser: Browser):
    with page_of(browser, site, _learner_with_attempts(site)) as page:
        for path in (PREFIX, FIRST):
            page.goto(f"{site.url}{path}")
            levels = [
                int(re.sub(r"\D", "", tag))
                for tag in page.locator("h1,h2,h3,h4").evaluate_all("n => n.map(e => e.tagName)")
            ]
            assert levels[0] == 1
            assert all(after - before <= 1 for before, after in pairwise(levels))


def test_only_the_admin_is_shown_the_way_to_the_admin_page(site: Site, browser: Browser):
    with page_of(browser, site, "root") as page:
        expect(page.get_by_role("link", name="Admin")).to_have_attribute("href", "/hub/admin")
    with page_of(browser, site, "bob") as page:
        expect(page.get_by_role("link", name="Admin")).to_have_count(0)
        page.get_by_role("link", name="Sign out").click()
        page.wait_for_url("**/hub/**")
        page.goto(f"{site.url}{PREFIX}")
        expect(page.locator("#username_input")).to_be_visible()


def test_the_skip_link_leads_to_the_content(site: Site, browser: Browser):
    with page_of(browser, site, "bob") as page:
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to content")
        expect(skip).to_be_focused()
        skip.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"

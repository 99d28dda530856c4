"""From a project to the book and back."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.support.journey import Person
from tests.support.lab import Lab
from tests.support.solutions import FIRST, project

ROUTES = "/services/book/concepts/routes.html"


def test_a_step_s_link_opens_its_paragraph_beside_jupyterlab(lab: Lab):
    link = lab.page.locator('.jp-RenderedMarkdown a[href*="routes-path-operations"]').first
    link.scroll_into_view_if_needed()
    with lab.page.context.expect_page() as opened:
        link.click()
    page = opened.value
    address = urlsplit(page.url)
    assert (address.path, address.fragment) == (ROUTES, "routes-path-operations")
    expect(page.get_by_role("heading", name="Path operations")).to_be_in_viewport()
    expect(page.locator("pre.mermaid svg")).to_be_visible()
    page.close()


def test_a_page_of_the_book_opens_its_project(learner: Person):
    page = learner.open_project_page(FIRST)
    page.get_by_role("region", name="Concepts").get_by_role("link", name="Routes").click()
    expect(page.get_by_role("heading", name="Routes", level=1)).to_be_visible()
    page.get_by_role("button", name="Open in JupyterLab").click()
    title = project(FIRST)["title"]
    with page.context.expect_page() as opened:
        page.locator(".milepost-launch").get_by_role("link", name=title).click()
    expect(opened.value.get_by_role("tab", name="project.ipynb")).to_be_visible()
    opened.value.close()
    page.close()

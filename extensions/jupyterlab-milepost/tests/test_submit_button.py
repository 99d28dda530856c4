"""The Submit button, in a real browser."""

import shutil
from pathlib import Path

import nbformat
import pytest
from jupyterlab_milepost.archive import pack_files, unpack
from playwright.sync_api import Page, expect, sync_playwright

from conftest import require

COURSE = "backend-python"


def notebook(**metadata) -> bytes:
    cell = nbformat.v4.new_code_cell("", metadata=metadata)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.writes(
        nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    ).encode()


@pytest.fixture
def ada(person, service):
    step = notebook(nbgrader={"grade": False, "solution": True, "grade_id": "a"})
    service.archives[COURSE, "p1"] = pack_files({"project.ipynb": step})
    return person("ada")


@pytest.fixture
def page(server):
    require("chromium")
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.set_default_timeout(60_000)
        tab.goto(f"{server.base_url}login?token=secret")
        yield tab
        browser.close()


def open_project(page: Page, server) -> None:
    page.goto(f"{server.base_url}milepost/open/{COURSE}/p1")
    page.wait_for_selector(".jp-Notebook .jp-Cell")


def test_it_saves_submits_and_tells_the_grade(page, server, service, tmp_path: Path):
    open_project(page, server)
    page.locator(".jp-Cell .cm-content").first.click()
    page.keyboard.type("answer = 42")
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".Toastify")).to_contain_text("attempt 1", timeout=60_000)

    unpack(service.blobs[service.submissions[0]["sha256"]], tmp_path / "received")
    assert "answer = 42" in (tmp_path / "received" / "project.ipynb").read_text()

    steps = [{"title": "Count", "passed": True}, {"title": "Answer in JSON", "passed": False}]
    grade = {"state": "graded", "verdict": "failed", "score": 4, "max_score": 10, "steps": steps}
    service.grades[1] = grade
    expect(page.locator(".Toastify")).to_contain_text("4 of 10 points", timeout=60_000)
    expect(page.locator(".Toastify")).to_contain_text("Answer in JSON")


def test_a_refusal_is_shown_in_the_service_s_words(page, server, service):
    open_project(page, server)
    service.locked["p1"] = "Finish p0 first."
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".Toastify")).to_contain_text("Finish p0 first.", timeout=60_000)


def test_a_notebook_that_is_no_project_has_no_button(page, server, ada):
    folder = ada.home / "work" / "notes" / "mine"
    folder.mkdir(parents=True)
    (folder / "notes.ipynb").write_bytes(notebook())
    page.goto(f"{server.base_url}lab/tree/notes/mine/notes.ipynb")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.get_by_role("button", name="Validate").wait_for()
    expect(page.get_by_role("button", name="Submit")).to_have_count(0)

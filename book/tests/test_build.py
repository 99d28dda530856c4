"""The book is whole: what projects point to is there, and nothing comes from elsewhere."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import yaml

from book.tests.conftest import PREFIX, REPO, build

CONCEPTS = sorted(path.stem for path in (REPO / "book" / "concepts").glob("*.md"))
PROJECTS = sorted((REPO / "courses").glob("*/source/*/project.yml"))
LOADING = {
    ("script", "src"),
    ("link", "href"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
}


class Page(HTMLParser):
    """What stands in a page: its ids, its links, and the files that it loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.loads: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "a":
            self.links.add(given.get("href", ""))
        self.loads |= {given[name] for of, name in LOADING if of == tag and name in given}


@pytest.mark.parametrize("concept", CONCEPTS)
def test_every_concept_has_its_page_with_the_usual_sections(html: Path, concept: str):
    page = Page(html / "concepts" / f"{concept}.html")
    usual = {"how-it-works", "in-the-real-world", "common-pitfalls", "related", "check-yourself"}
    assert usual <= page.ids


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.parent.name)
def test_the_paragraph_that_a_step_names_is_in_the_book(html: Path, project: Path):
    steps = yaml.safe_load(project.read_text())["steps"]
    assert steps
    for step in steps:
        concept, _, anchor = step["concept"].partition("#")
        assert anchor in Page(html / "concepts" / f"{concept}.html").ids, step["id"]


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.parent.name)
def test_the_links_of_a_project_s_notebook_lead_to_their_paragraphs(html: Path, project: Path):
    notebook = json.loads((project.parent / "project.ipynb").read_text())
    text = "".join("".join(cell["source"]) for cell in notebook["cells"])
    links = re.findall(rf"\]\({PREFIX}([^)#]*)#([^)]*)\)", text)
    assert len(links) >= len(yaml.safe_load(project.read_text())["steps"])
    for path, anchor in links:
        assert anchor in Page(html / path).ids, f"{path}#{anchor}"


def test_a_page_names_the_projects_that_exercise_it_and_opens_them(html: Path):
    for project in PROJECTS:
        course = yaml.safe_load((project.parents[2] / "course.yml").read_text())["slug"]
        address = f"/hub/user-redirect/milepost/open/{course}/{project.parent.name}"
        for concept in yaml.safe_load(project.read_text())["concepts"]:
            page = Page(html / "concepts" / f"{concept}.html")
            links = {urljoin(f"{PREFIX}concepts/{concept}.html", link) for link in page.links}
            assert address in links, concept


def test_below_a_hub_s_base_url_links_stay_below_it(html: Path):
    page = Page(html / "concepts" / "routes.html")
    links = {urljoin(f"/base{PREFIX}concepts/routes.html", link) for link in page.links}
    inner = {link for link in links if not urlsplit(link).netloc}
    assert all(link.startswith("/base/") for link in inner), inner
    assert any(link.startswith("/base/hub/user-redirect/") for link in inner)
    assert "/base/services/milepost/" in inner


def test_no_page_loads_anything_from_elsewhere(html: Path):
    pages = list(html.rglob("*.html"))
    assert pages
    for path in pages:
        for address in Page(path).loads:
            assert not urlsplit(address).netloc, f"{path}: {address}"
    imports = re.compile(
        r"""(?:import|from)\s*\(?\s*["'](?:https?:)?//|@import\s+url\(["']?https?:"""
    )
    for path in (*pages, *html.rglob("*.css")):
        assert not imports.search(path.read_text(encoding="utf-8")), path


def test_a_page_with_a_mistake_fails_the_build_and_leaves_the_book_as_it_was(tmp_path: Path):
    repo = tmp_path / "repo"
    ignored = shutil.ignore_patterns(".venv", "tests")
    shutil.copytree(REPO / "book", repo / "book", ignore=ignored)
    shutil.copytree(REPO / "hub" / "static", repo / "hub" / "static")
    (repo / "node_modules").symlink_to(REPO / "node_modules")
    with (repo / "book" / "concepts" / "routes.md").open("a") as page:
        page.write("\n[Nowhere](no-such-page.md)\n")
    before = tmp_path / "out" / "html"
    before.mkdir(parents=True)
    (before / "index.html").write_text("the book before")
    done = build(repo / "book", tmp_path / "out")
    assert done.returncode == 1
    assert "no-such-page" in done.stderr
    assert "as it was before" in done.stderr
    assert (before / "index.html").read_text() == "the book before"

"""Sphinx extension: a concept's page names the projects that exercise it, and opens them.

The projects come from `<courses>/<course>/source/<project>/project.yml`, so that a page says
nothing about them itself. The links lead to the Hub that the book stands beside; they are
relative, hence right whatever the Hub's base URL is.
"""

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

CHAPTER = "concepts/"
HUB_FROM_BOOK = "../../hub"
DASHBOARD_FROM_BOOK = "../milepost/"
AFTER_THE_THEME = 600  # its own header buttons are put in at 501


@dataclass(frozen=True)
class Project:
    """A project that exercises a concept."""

    course: str
    slug: str
    number: int
    title: str

    @property
    def path(self) -> str:
        """Where the Hub opens the project in the reader's own JupyterLab."""
        return f"user-redirect/milepost/open/{self.course}/{self.slug}"


def projects_by_concept(courses: Path) -> dict[str, list[Project]]:
    """Return the projects below `courses` by the slugs of their concepts, in order."""
    found: dict[str, list[Project]] = defaultdict(list)
    for path in sorted(courses.glob("*/source/*/project.yml")):
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
        course = yaml.safe_load((path.parents[2] / "course.yml").read_text(encoding="utf-8"))
        project = Project(course["slug"], path.parent.name, given["number"], given["title"])
        for concept in given["concepts"]:
            found[concept].append(project)
    return {slug: sorted(some, key=lambda one: one.number) for slug, some in found.items()}


def _of_page(app: Sphinx, page: str) -> list[Project]:
    concept = page.removeprefix(CHAPTER) if page.startswith(CHAPTER) else ""
    known: dict[str, list[Project]] = app.config.milepost_projects
    return known.get(concept, [])


def _root(page: str) -> str:
    return "../" * page.count("/")


def _address(page: str, project: Project) -> str:
    return f"{_root(page)}{HUB_FROM_BOOK}/{project.path}"


def add_list(app: Sphinx, doctree: nodes.document) -> None:
    """Put the projects at the end of the section “Related”, or of the page without one."""
    page = app.env.docname
    projects = _of_page(app, page)
    if not projects:
        return
    items = nodes.bullet_list(bullet="-")
    for one in projects:
        link = nodes.reference("", one.title, internal=False, refuri=_address(page, one))
        items += nodes.list_item("", nodes.paragraph("", "", link))
    heading = nodes.paragraph("", "", nodes.strong("", "Projects that exercise it"))
    sections = doctree.findall(
        lambda node: "related" in getattr(node, "attributes", {}).get("ids", [])
    )
    place = next(sections, None) or doctree
    place += [heading, items]


def add_buttons(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Put the way to the dashboard, and “Open in JupyterLab”, at the top of the page."""
    del templatename, doctree  # part of Sphinx's event, of no use here
    dashboard = {
        "type": "link",
        "url": f"{_root(pagename)}{DASHBOARD_FROM_BOOK}",
        "tooltip": "Your projects",
        "icon": "fas fa-house",
        "label": "dashboard",
        "classes": "pst-navbar-icon",
    }
    context["header_buttons"].insert(0, dashboard)
    projects = _of_page(app, pagename)
    if not projects:
        return
    buttons = [
        {"type": "link", "url": _address(pagename, one), "text": one.title, "label": "project"}
        for one in projects
    ]
    group = {
        "type": "group",
        "tooltip": "Open in JupyterLab",
        "icon": "fas fa-rocket",
        "label": "launch-buttons",
        "classes": "milepost-launch",
        "buttons": buttons,
    }
    context["header_buttons"].insert(0, group)


def _load(_app: Sphinx, config: Config) -> None:
    config.milepost_projects = projects_by_concept(Path(config.milepost_courses))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_config_value("milepost_courses", os.environ.get("MILEPOST_COURSES", "courses"), "env")
    app.add_config_value("milepost_projects", {}, "")
    app.connect("config-inited", _load)
    app.connect("doctree-read", add_list)
    app.connect("html-page-context", add_buttons, priority=AFTER_THE_THEME)
    return {"version": "0.1.0", "parallel_read_safe": True, "parallel_write_safe": True}

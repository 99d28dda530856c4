"""The book's concept pages: their front matter, and the paragraphs that steps point to."""

import re
from dataclasses import dataclass
from pathlib import Path

from milepost.adapters.course_files.schema import ConceptFile
from milepost.adapters.course_files.yaml_files import parse_yaml
from milepost.domain.catalogue import Concept, RealWorldMapping
from milepost.ports.courses import AuthoringError, Problem

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\s*\n(.*)\Z", re.DOTALL)
_TARGET = re.compile(r"^\(([A-Za-z0-9_-]+)\)=\s*$", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1\s*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Page:
    """A concept and the anchors of its page."""

    concept: Concept
    anchors: frozenset[str]


def read_concepts(book: Path) -> tuple[dict[str, Page], list[Problem]]:
    """Return the pages below `book`/concepts by slug, and what is wrong with the others."""
    pages: dict[str, Page] = {}
    problems: list[Problem] = []
    for path in sorted((book / "concepts").glob("*.md")):
        name = f"{book.name}/concepts/{path.name}"
        try:
            page = _read_page(path, name)
        except AuthoringError as error:
            problems += error.problems
            continue
        if page is None:
            continue
        if page.concept.slug != path.stem:
            problems.append(Problem(name, "slug", f"must be the file's name, {path.stem}."))
        pages[page.concept.slug] = page
    problems += [
        Problem(f"{book.name}/concepts/{slug}.md", "related", f"there is no concept {other!r}.")
        for slug, page in pages.items()
        for other in page.concept.related
        if other not in pages
    ]
    return pages, problems


def _read_page(path: Path, name: str) -> Page | None:
    if path.stem == "index":
        return None  # the chapter's own page, not a concept
    found = _FRONT_MATTER.match(path.read_text(encoding="utf-8"))
    if found is None:
        raise AuthoringError([Problem(name, "", "has no front matter between two lines of ---.")])
    front = parse_yaml(found[1], name, ConceptFile)
    concept = Concept(
        slug=front.slug,
        name=front.name,
        description=front.description,
        documentation_path=f"concepts/{path.stem}.html",
        related=tuple(front.related),
        career=tuple(front.career),
        mappings=tuple(
            RealWorldMapping(
                company=one.company,
                use_case=one.use_case,
                industry=one.industry,
                case_study_url=str(one.case_study_url),
                relevance=one.relevance,
                example_code=one.example_code,
            )
            for one in front.mappings
        ),
    )
    return Page(concept, _anchors(found[2]))


def _anchors(body: str) -> frozenset[str]:
    """Return MyST targets, `(name)=`, and the ids that Sphinx makes of headings."""
    text = _FENCE.sub("", body)
    headings = (
        re.sub(r"[^a-z0-9]+", "-", one.lower()).strip("-") for one in _HEADING.findall(text)
    )
    return frozenset({*_TARGET.findall(text), *headings})

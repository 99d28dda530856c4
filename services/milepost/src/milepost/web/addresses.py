"""Addresses outside this service that its answers point to."""

from urllib.parse import quote

from milepost.ports.store import ProjectRow
from milepost.web.services import Services


def hub_url(services: Services, path: str = "") -> str:
    """Return the address of a page of the Hub."""
    return f"{services.hub.hub_host}{services.hub.hub_prefix}{path}"


def book_url(services: Services, path: str = "") -> str:
    """Return the address of a page of the concept book, which stands beside this service."""
    base = services.hub.hub_prefix.removesuffix("hub/")
    return f"{services.hub.hub_host}{base}services/book/{path}"


def reading_url(services: Services, concept: str) -> str:
    """Return the address of the book's paragraph that a step's `<slug>#<paragraph>` names."""
    slug, _, paragraph = concept.partition("#")
    anchor = f"#{quote(paragraph, safe='')}" if paragraph else ""
    return book_url(services, f"concepts/{quote(slug, safe='')}.html{anchor}")


def open_url(services: Services, row: ProjectRow) -> str:
    """Return the address that starts the learner's server and opens the project there."""
    course, slug = quote(row.course, safe=""), quote(row.project.slug, safe="")
    return hub_url(services, f"user-redirect/milepost/open/{course}/{slug}")

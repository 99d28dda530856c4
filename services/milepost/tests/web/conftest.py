"""One site for all tests of the web side; each test brings learners of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from conftest import require
from services.milepost.tests.web.support import seed
from services.milepost.tests.web.support.browsing import chromium
from services.milepost.tests.web.support.exchange import GZIP, archive
from services.milepost.tests.web.support.site import Site, running_site


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(Path(tmp_path_factory.mktemp("site"))) as site:
        with site.deps.store.transaction() as tx:
            tx.catalogue.put(seed.COURSE, seed.CONCEPTS)
            tx.catalogue.put(seed.HOSTILE_COURSE, ())
        with site.client("ines") as instructor:
            for project in seed.COURSE.projects:
                path = f"/courses/backend/projects/{project.slug}/archive"
                instructor.put(path, content=archive(), headers=GZIP).raise_for_status()
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    require("chromium")
    with chromium() as browser:
        yield browser


@pytest.fixture
def projects(site: Site) -> dict[str, int]:
    with site.client("ines") as client:
        return {item["slug"]: item["id"] for item in client.get("/projects").json()["items"]}

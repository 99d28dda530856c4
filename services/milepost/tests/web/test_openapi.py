"""The description of the API is valid, and true."""

import re
from typing import Any

import pytest
from milepost.web.openapi import METHODS
from milepost.web.operation import declared_on
from milepost.web.routes import ROUTES
from openapi_spec_validator import validate

from services.milepost.tests.web.support.exchange import accepted
from services.milepost.tests.web.support.site import PREFIX, Site


@pytest.fixture(scope="module")
def document(site: Site) -> dict[str, Any]:
    with site.client() as client:
        document: dict[str, Any] = client.get("/openapi.json").json()
        return document


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]):
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_route_is_described_and_every_description_has_its_route(document: dict[str, Any]):
    described = {
        (method, path)
        for path, methods in document["paths"].items()
        for method in methods
        if method in METHODS
    }
    handled = {
        (method, path)
        for path, handler in ROUTES.items()
        for method in METHODS
        if declared_on(getattr(handler, method)) is not None
    }
    assert described == handled


def test_the_parts_of_a_path_are_described(document: dict[str, Any]):
    for path, methods in document["paths"].items():
        named = {part["name"] for part in methods["parameters"] if part["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path))


def test_both_addresses_of_the_api_are_named(document: dict[str, Any]):
    assert [server["url"] for server in document["servers"]] == [f"{PREFIX}api/v1", "/api/v1"]


@pytest.mark.parametrize(
    "path", ["/auth/me", "/courses", "/projects", "/progress", "/progress/stats", "/submissions"]
)
def test_answers_have_just_the_fields_that_are_described(
    site: Site, document: dict[str, Any], path: str
):
    described = document["paths"][path]["get"]["responses"]["200"]["content"]
    name = described["application/json"]["schema"]["$ref"].rpartition("/")[2]
    with site.client("ada") as client:
        answer = client.get(path)
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.json()) == set(document["components"]["schemas"][name]["properties"])


def test_who_is_signed_in_has_the_address_that_is_stored_and_nothing_made_up(site: Site):
    name = site.learner()
    with site.client(name) as client:
        assert client.get("/auth/me").json()["email"] is None
        with site.deps.store.transaction() as tx:
            tx.users.ensure(name, at=site.deps.now(), email="ada@example.org")
        assert client.get("/auth/me").json()["email"] == "ada@example.org"


def test_a_submission_has_just_the_fields_that_are_described(site: Site, document: dict[str, Any]):
    with site.client(site.learner()) as client:
        detail = client.get(f"/submissions/{accepted(client)['id']}").json()
    described = document["components"]["schemas"]["SubmissionDetail"]["properties"]
    assert set(detail) == set(described)
    assert "instructors" in described["flags"]["description"]

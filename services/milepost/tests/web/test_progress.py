"""Progress: only graded attempts raise it."""

import json
from typing import Any

import httpx
import pytest

from services.milepost.tests.web.support import seed
from services.milepost.tests.web.support.exchange import accepted, grade
from services.milepost.tests.web.support.site import Site


def _progress(client: httpx.Client, slug: str) -> dict[str, Any]:
    items = client.get("/progress").json()["items"]
    return next(item for item in items if item["slug"] == slug)


def test_a_graded_attempt_raises_progress_and_a_worse_one_does_not_lower_it(site: Site):
    with site.client(site.learner()) as client:
        grade(site, accepted(client)["id"], seed.outcome(hello=True, status=True))
        grade(site, accepted(client)["id"], seed.outcome(hello=False, status=True))
        progress = _progress(client, "first-server")
        stats = client.get("/progress/stats").json()
    assert progress["status"] == "completed"
    assert progress["completion_percentage"] == 100
    assert progress["attempts"] == 2
    assert progress["completed_at"].endswith("Z")
    assert (stats["completed"], stats["attempts"], stats["points"]) == (1, 2, 10)
    assert {"slug": "status-codes", "name": "Status codes", "mastery": 0} in stats["concepts"]
    mastery = {item["slug"]: item["mastery"] for item in stats["concepts"]}
    assert 0 < mastery["http-routing"] < 100


@pytest.mark.parametrize(
    "extra",
    [
        {"status": "completed"},
        {"completion_percentage": 100},
        {"attempts": 3},
        {"completed_at": "2026-01-01T00:00:00Z"},
        {"username": "ada"},
    ],
)
def test_a_client_cannot_post_itself_a_completion(
    site: Site, projects: dict[str, int], extra: dict[str, Any]
):
    with site.client(site.learner()) as client:
        body = {"project_id": projects["first-server"], "seconds": 5} | extra
        answer = client.post("/progress", json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["where"] == f"body.{next(iter(extra))}"
        assert _progress(client, "first-server")["status"] == "not_started"


def test_a_visit_begins_a_project_and_counts_no_more_time_than_has_passed(
    site: Site, projects: dict[str, int]
):
    with site.client(site.learner()) as client:
        visit = {"project_id": projects["first-server"], "seconds": 86400}
        first = client.post("/progress", json=visit).json()
        second = client.post("/progress", json=visit).json()
    assert first["status"] == "in_progress"
    assert first["time_spent"] == 0
    assert second["time_spent"] < 60
    assert second["completion_percentage"] == 0


def test_a_locked_project_takes_no_visit(site: Site, projects: dict[str, int]):
    with site.client(site.learner()) as client:
        answer = client.post("/progress", json={"project_id": projects["second-server"]})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:milepost:locked")
    assert "“A first server”" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        ("\x00", 400),
        ("[" * 100_00 + "]" * 100_00, 400),
        ('{"project_id": NaN}', 422),
        ('{"project_id": Infinity}', 422),
        ('{"project_id": 1e400}', 422),
        ('{"project_id": ' + "9" * 5000 + "}", 400),
        ('{"project_id": -1}', 422),
        ('{"project_id": "1"}', 422),
        ('{"project_id": true}', 422),
        ('{"project_id": 1, "seconds": 1.5}', 422),
        ('{"project_id": 1, "seconds": -5}', 422),
        ('{"project_id": 1, "a\\u0000b": 1}', 422),
        ("[]", 422),
        ("null", 422),
    ],
    ids=range(16),
)
def test_senseless_json_is_refused(site: Site, body: str, status: int):
    with site.client("bob") as client:
        headers = {"Content-Type": "application/json"}
        answer = client.post("/progress", content=body.encode(), headers=headers)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    json.loads(answer.text)


def test_a_body_of_another_kind_is_refused(site: Site):
    with site.client("bob") as client:
        answer = client.post("/progress", data={"project_id": "1"})
    assert answer.status_code == 415


def test_json_of_more_than_its_limit_is_refused(site: Site):
    with site.client("bob") as client:
        answer = client.post("/progress", json={"x": "y" * 70_000})
        assert answer.status_code == 413
        # The connection is still good.
        assert client.get("/auth/me").status_code == 200

"""Cookies alone change nothing: whoever writes with them brings the page's XSRF token."""

import httpx
import pytest

from services.milepost.tests.web.support.browsing import signed_in
from services.milepost.tests.web.support.exchange import GZIP, archive
from services.milepost.tests.web.support.site import PREFIX, Site

API = f"{PREFIX}api/v1"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no token"),
        pytest.param({"X-XSRFToken": "invented"}, id="an invented token"),
        pytest.param(
            {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, id="another site"
        ),
        pytest.param({"Sec-Fetch-Mode": "navigate"}, id="a form"),
        pytest.param({"Sec-Fetch-Mode": ""}, id="an unknown mode"),
    ],
)
@pytest.mark.parametrize("write", ["progress", "submission"])
def test_a_write_without_the_xsrf_token_is_403_and_changes_nothing(
    site: Site, projects: dict[str, int], write: str, headers: dict[str, str]
):
    with signed_in(site, site.learner()) as (client, _):
        if write == "progress":
            body = {"project_id": projects["first-server"], "opened": True}
            answer = client.post(f"{API}/progress", json=body, headers=headers)
        else:
            answer = client.post(
                f"{API}/courses/backend/projects/first-server/submissions",
                content=archive(),
                headers=GZIP | {"Idempotency-Key": "k"} | headers,
            )
        assert answer.status_code == 403
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:milepost:xsrf"
        del client.headers["Sec-Fetch-Mode"], client.headers["Sec-Fetch-Site"]
        items = client.get(f"{API}/progress").json()["items"]
        assert {item["status"] for item in items} == {"not_started"}
        assert client.get(f"{API}/submissions").json()["items"] == []


def test_another_learner_s_xsrf_token_is_of_no_use(site: Site, projects: dict[str, int]):
    with (
        signed_in(site, site.learner()) as (client, _),
        signed_in(site, site.learner()) as (_, token),
    ):
        body = {"project_id": projects["first-server"]}
        headers = {"X-XSRFToken": token}
        assert client.post(f"{API}/progress", json=body, headers=headers).status_code == 403


def test_with_the_page_s_token_a_write_by_cookie_is_taken(site: Site, projects: dict[str, int]):
    with signed_in(site, site.learner()) as (client, token):
        body = {"project_id": projects["first-server"]}
        answer = client.post(f"{API}/progress", json=body, headers={"X-XSRFToken": token})
    assert (answer.status_code, answer.json()["status"]) == (200, "in_progress")


def test_a_token_in_the_header_needs_no_xsrf_token(site: Site, projects: dict[str, int]):
    with site.client(site.learner()) as client:
        body = {"project_id": projects["first-server"]}
        assert client.post("/progress", json=body).status_code == 200


def test_who_is_not_signed_in_is_sent_to_the_hub_and_comes_back(site: Site):
    path = f"{PREFIX}projects/backend/first-server"
    answer = httpx.get(f"{site.url}{path}")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/hub/api/oauth2/authorize?")


def test_after_signing_out_the_cookies_are_nobody_s(site: Site):
    with signed_in(site, site.learner()) as (client, token):
        client.get("/hub/logout", headers={"Sec-Fetch-Mode": "navigate"})
        answer = client.get(f"{API}/auth/me", headers={"X-XSRFToken": token})
    assert answer.status_code in {401, 403}


def test_a_page_that_is_not_there_says_so_in_words(site: Site):
    with signed_in(site, site.learner()) as (client, _):
        client.headers["Sec-Fetch-Mode"] = "navigate"
        for path in ("nowhere", "projects/backend/nothing"):
            answer = client.get(f"{PREFIX}{path}")
            assert answer.status_code == 404
            assert answer.headers["Content-Type"].startswith("text/html")
            assert "Go to the dashboard" in answer.text


def test_the_address_without_its_last_slash_leads_to_the_dashboard(site: Site):
    answer = httpx.get(f"{site.service_url}{PREFIX.rstrip('/')}")
    assert (answer.status_code, answer.headers["Location"]) == (301, PREFIX)


def test_static_files_are_kept_for_good_under_their_content_s_address(site: Site):
    with signed_in(site, "bob") as (client, _):
        page = client.get(PREFIX, headers={"Sec-Fetch-Mode": "navigate"}).text
        address = next(part for part in page.split('"') if part.endswith("live.js"))
        now = client.get(address)
        old = client.get(f"{PREFIX}static/{'0' * 12}/live.js")
        outside = client.get(f"{PREFIX}static/{'0' * 12}/..%2fapplication.py")
    assert now.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (old.status_code, old.headers["Cache-Control"]) == (200, "no-cache")
    assert outside.status_code in {403, 404}

"""Browsing projects."""

import pytest

from services.milepost.tests.web.support import seed
from services.milepost.tests.web.support.exchange import accepted, grade
from services.milepost.tests.web.support.site import PREFIX, Site


def test_a_new_learner_sees_the_first_project_open_and_the_others_locked(site: Site):
    with site.client(site.learner()) as client:
        items = client.get("/projects", params={"course": "backend"}).json()["items"]
    assert [(item["slug"], item["state"], item["score"]) for item in items] == [
        ("first-server", "not_started", None),
        ("second-server", "locked", None),
        ("sql-store", "locked", None),
    ]


def test_a_project_opens_when_its_prerequisite_is_completed(site: Site, projects: dict[str, int]):
    with site.client(site.learner()) as client:
        grade(site, accepted(client)["id"], seed.outcome(hello=True, status=True))
        first = client.get(f"/projects/{projects['first-server']}").json()
        second = client.get(f"/projects/{projects['second-server']}").json()
    assert (first["state"], first["score"]) == ("completed", 100)
    assert second["state"] == "not_started"
    assert second["prerequisites"] == [projects["first-server"]]


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ({"phase": "data"}, ["sql-store"]),
        ({"concept": "status-codes"}, ["second-server"]),
        ({"difficulty": "2"}, ["second-server"]),
        ({"q": "STORE in sql"}, ["sql-store"]),
        ({"q": "' OR 1=1 --"}, []),
        ({"q": "%"}, []),
    ],
)
def test_filters_and_search_find_just_what_was_asked_for(
    site: Site, query: dict[str, str], slugs: list[str]
):
    with site.client("bob") as client:
        items = client.get("/projects", params=query | {"course": "backend"}).json()["items"]
    assert [item["slug"] for item in items] == slugs


def test_the_cursor_leads_through_the_whole_list_without_a_gap(site: Site):
    seen: list[str] = []
    cursor: dict[str, str] = {}
    with site.client("bob") as client:
        while True:
            page = client.get("/projects", params={"limit": "1"} | cursor).json()
            seen += [item["slug"] for item in page["items"]]
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
    assert seen == ["first-server", "second-server", "sql-store", "hostile-project"]


def test_a_project_shows_its_steps_and_where_to_open_it(site: Site, projects: dict[str, int]):
    with site.client("bob") as client:
        project = client.get(f"/projects/{projects['first-server']}").json()
    assert [step["id"] for step in project["steps"]] == ["hello", "status"]
    assert project["steps"][0]["hints"] == ["Look at `app`.", "Return it."]
    assert project["open_url"] == "/hub/user-redirect/milepost/open/backend/first-server"
    assert project["points"] == 10


def test_concepts_and_cases_of_a_project(site: Site, projects: dict[str, int]):
    with site.client("bob") as client:
        concepts = client.get(f"/projects/{projects['second-server']}/concept").json()["items"]
        cases = client.get(f"/projects/{projects['second-server']}/cases").json()["items"]
    assert [item["slug"] for item in concepts] == ["http-routing", "status-codes"]
    assert [item["relevance"] for item in cases] == [5, 4]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "1e9"},
        {"cursor": "x"},
        {"cursor": "9" * 40},
        {"difficulty": "6"},
        {"q": "a\x00b"},
        {"q": "x" * 201},
        {"unheard": "of"},
    ],
)
def test_a_senseless_query_is_refused_with_the_reason(site: Site, query: dict[str, str]):
    with site.client("bob") as client:
        answer = client.get("/projects", params=query)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["errors"][0]["where"] == f"query.{next(iter(query))}"


def test_a_query_that_is_not_utf_8_is_refused(site: Site):
    with site.client("bob") as client:
        assert client.get("/projects?q=%ff%fe").status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/projects/999999999",
        "/projects/999999999999999999999999",
        "/projects/-1",
        "/projects/1;drop",
        "/courses/nothing/projects",
        "/nowhere",
        "",
    ],
)
def test_what_is_not_there_is_a_problem_document(site: Site, path: str):
    with site.client("bob") as client:
        answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 404


def test_a_method_that_an_address_lacks_names_those_it_has(site: Site):
    with site.client("bob") as client:
        answer = client.delete("/progress")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_who_is_signed_in(site: Site):
    with site.client("ines") as client:
        me = client.get("/auth/me").json()
    assert (me["username"], me["roles"]) == ("ines", ["learner", "instructor"])
    assert [(c["slug"], c["role"]) for c in me["courses"]] == [
        ("backend", "instructor"),
        ("hostile", "learner"),
    ]
    with site.client("root") as client:
        assert client.get("/auth/me").json()["roles"] == ["learner", "instructor", "admin"]


def test_every_answer_is_hardened(site: Site):
    with site.client("bob") as client, site.client() as nobody:
        answers = [
            client.get("/projects"),
            client.get("/nowhere"),
            client.get("/projects?limit=0"),
            nobody.get("/projects"),
            nobody.get(f"{site.url}{PREFIX}"),
            nobody.get(f"{site.url}{PREFIX}static/000000000000/live.js"),
            nobody.get(f"{site.url}{PREFIX}static/000000000000/nothing.js"),
        ]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Server" not in answer.headers

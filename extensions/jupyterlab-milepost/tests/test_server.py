"""The server extension and nbgrader's own, in a real Jupyter server enabled by the wheel alone."""

import contextlib
import sys
import time
from pathlib import Path

import httpx
import pytest
from jupyterlab_milepost.archive import pack_files

COURSE = "backend-python"
BASE = "/user/ada"
FILES = {"my project.ipynb": b'{"cells": []}', "app/main.py": b"# starter\n"}


@pytest.fixture
def ada(person, service):
    service.archives[COURSE, "p1"] = pack_files(FILES)
    service.notebooks["p1"] = "my project.ipynb"
    return person("ada")


def browser(server: httpx.Client) -> httpx.Client:
    """Sign in as a browser does: with cookies, and no token afterwards."""
    client = httpx.Client(base_url=server.base_url, timeout=60)
    client.get("/login", params={"token": "secret"})
    assert client.get("/lab").is_success
    return client


def test_a_project_is_fetched_opened_submitted_and_listed(server, ada, service):
    folder = ada.home / "work" / COURSE / "p1"

    # Opened from the dashboard: fetched, then shown in JupyterLab.
    answer = server.get(f"/milepost/open/{COURSE}/p1")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{BASE}/lab/tree/{COURSE}/p1/my%20project.ipynb"
    assert (folder / "app" / "main.py").read_text() == "# starter\n"

    # Opened again: nothing of the learner's is touched, and a lost notebook comes back.
    (folder / "app" / "main.py").write_text("mine")
    (folder / "my project.ipynb").unlink()
    assert server.get(f"/milepost/open/{COURSE}/p1").status_code == 302
    assert (folder / "my project.ipynb").is_file()
    assert (folder / "app" / "main.py").read_text() == "mine"

    # Submitted by a page: only with the XSRF token.
    with contextlib.closing(browser(server)) as page:
        refused = page.post(f"/milepost/submit/{COURSE}/p1")
        assert refused.status_code == 403
        assert service.submissions == []
        xsrf = {"X-XSRFToken": page.cookies["_xsrf"]}
        receipt = page.post(f"/milepost/submit/{COURSE}/p1", headers=xsrf)
    assert receipt.status_code == 200
    assert receipt.json()["sha256"] == service.submissions[0]["sha256"]
    assert receipt.json()["username"] == "ada"

    # The page then asks for the result.
    assert server.get("/milepost/result/1").json()["state"] == "queued"
    service.grades[1] = {"state": "graded", "verdict": "passed"}
    assert server.get("/milepost/result/1").json()["verdict"] == "passed"
    missing = server.get("/milepost/result/2")
    assert (missing.status_code, missing.json()) == (
        404,
        {"message": "There is no such submission."},
    )

    # nbgrader's own assignment list works on the same files.
    service.archives[COURSE, "p2"] = pack_files({"project.ipynb": b"{}"})
    listed = server.get("/assignments", params={"course_id": COURSE}).json()
    assert listed["success"], listed
    assert [(one["assignment_id"], one["status"]) for one in listed["value"]] == [
        ("p1", "fetched"),
        ("p2", "released"),
        ("p1", "submitted"),
    ]
    assert listed["value"][0]["path"] == f"{COURSE}/p1"
    assert server.get("/courses").json() == {"success": True, "value": [COURSE]}
    body = {"course_id": COURSE, "assignment_id": "p2"}
    assert server.post("/assignments/fetch", json=body).json()["success"]
    assert (ada.home / "work" / COURSE / "p2" / "project.ipynb").is_file()
    assert server.post("/assignments/submit", json=body).json()["success"]
    assert [item["project"] for item in service.submissions] == ["p1", "p2"]

    # While the service is away, what is here opens all the same.
    service.faults = [500] * 20
    assert server.get(f"/milepost/open/{COURSE}/p1").status_code == 302


def test_what_cannot_be_done_is_explained(server, ada, service):
    service.archives[COURSE, "p2"] = pack_files(FILES)
    service.locked["p2"] = "Finish <p1> first."

    locked = server.get(f"/milepost/open/{COURSE}/p2")
    assert locked.status_code == 403
    assert "Finish &lt;p1&gt; first." in locked.text
    assert 'href="/hub-base/services/milepost/"' in locked.text
    assert locked.headers["Content-Security-Policy"].startswith("default-src 'none'")

    assert server.get(f"/milepost/open/{COURSE}/p9").status_code == 404
    for name in ("..", "%2e%2e", "..%2f..%2fetc", "a%00b", "a%0d%0aX: y", "p1%3Cscript%3E"):
        assert server.get(f"/milepost/open/{COURSE}/{name}").status_code == 404
        assert server.post(f"/milepost/submit/{COURSE}/{name}").status_code == 404

    never = server.post(f"/milepost/submit/{COURSE}/p1")
    assert never.status_code == 409
    assert "Fetch it first" in never.json()["message"]

    service.notebooks["p1"] = "../../evil.ipynb"
    assert "cannot be" in server.get(f"/milepost/open/{COURSE}/p1").text

    service.faults = [429]
    assert server.get(f"/milepost/open/{COURSE}/p1").status_code == 429

    service.faults = [500]
    away = server.get(f"/milepost/open/{COURSE}/p1")
    assert away.status_code == 502
    assert "Try again" in away.text
    assert not (ada.home / "work" / COURSE).exists()


def test_nobody_else_gets_in(server, service):
    stranger = httpx.Client(base_url=server.base_url)
    answer = stranger.get(f"/milepost/open/{COURSE}/p1")
    assert answer.status_code == 302
    assert "/login" in answer.headers["Location"]
    assert stranger.post(f"/milepost/submit/{COURSE}/p1").status_code == 403
    assert stranger.get("/milepost/result/1").status_code == 403
    assert service.requests == []


def test_an_opening_is_told_to_the_service(server, service):
    server.get(f"/milepost/open/{COURSE}/p1")
    deadline = time.monotonic() + 20
    while not service.progress and time.monotonic() < deadline:
        time.sleep(0.05)
    assert service.progress == [{"user": "ada", "project_id": 1, "opened": True}]


def test_the_wheel_carries_its_configuration():
    config = Path(sys.prefix) / "etc" / "jupyter"
    assert "jupyterlab_milepost.exchange" in (config / "nbgrader_config.py").read_text()
    assert (config / "jupyter_server_config.d" / "jupyterlab_milepost.json").is_file()

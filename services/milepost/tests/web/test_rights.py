"""Every endpoint for everybody: one table, held against the routes so that it has no gap."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from milepost.web.openapi import METHODS
from milepost.web.operation import declared_on
from milepost.web.routes import ROUTES

from services.milepost.tests.web.support import seed
from services.milepost.tests.web.support.exchange import GZIP, accepted, archive, grade
from services.milepost.tests.web.support.site import PREFIX, Site

WHO = ("anonymous", "owner", "another", "instructor", "instructor of another", "admin")
NAMES = (None, "ada", "bob", "ines", "otto", "root")

OPEN = (200,) * 6
SIGNED_IN = (401, 200, 200, 200, 200, 200)
TEACHERS = (401, 403, 403, 200, 403, 200)
OWNERS = (401, 200, 404, 200, 404, 200)
PROJECT = "/courses/{course}/projects/{project}"
SUBMISSION = "/submissions/{submission_id}"

TABLE: dict[tuple[str, str], tuple[int, ...]] = {
    ("get", "/auth/me"): SIGNED_IN,
    ("get", "/courses"): SIGNED_IN,
    ("get", "/projects"): SIGNED_IN,
    ("get", "/projects/{project_id}"): SIGNED_IN,
    ("get", "/projects/{project_id}/concept"): SIGNED_IN,
    ("get", "/projects/{project_id}/cases"): SIGNED_IN,
    ("get", "/progress"): SIGNED_IN,
    ("post", "/progress"): SIGNED_IN,
    ("get", "/progress/stats"): SIGNED_IN,
    ("get", "/courses/{course}/projects"): SIGNED_IN,
    ("get", f"{PROJECT}/archive"): SIGNED_IN,
    ("put", f"{PROJECT}/archive"): TEACHERS,
    ("delete", f"{PROJECT}/archive"): (401, 403, 403, 204, 403, 204),
    ("post", f"{PROJECT}/submissions"): (401, 202, 202, 202, 202, 202),
    ("get", "/submissions"): SIGNED_IN,
    ("get", SUBMISSION): OWNERS,
    ("get", f"{SUBMISSION}/archive"): OWNERS,
    ("get", f"{SUBMISSION}/feedback"): OWNERS,
    ("put", f"{SUBMISSION}/feedback"): (401, 403, 404, 200, 404, 200),
    ("get", "/events"): SIGNED_IN,
    ("get", "/health"): OPEN,
    ("get", "/ready"): OPEN,
    ("get", "/openapi.json"): OPEN,
}


def test_the_table_has_every_operation_and_no_other():
    operations = {
        (method, path)
        for path, handler in ROUTES.items()
        for method in METHODS
        if declared_on(getattr(handler, method)) is not None
    }
    assert operations == set(TABLE)


@dataclass(frozen=True)
class Scene:
    """An attempt of the owner with feedback, in a released project that is open to all."""

    site: Site
    parts: dict[str, Any]

    def release(self) -> None:
        with self.site.client("ines") as client:
            client.put(
                "/courses/backend/projects/first-server/archive", content=archive(), headers=GZIP
            ).raise_for_status()


@pytest.fixture(scope="module")
def scene(site: Site) -> Iterator[Scene]:
    with site.client("ada") as owner, site.client("ines") as instructor:
        attempt = accepted(owner)["id"]
        feedback = f"/submissions/{attempt}/feedback"
        instructor.put(feedback, content=archive(), headers=GZIP).raise_for_status()
        items = instructor.get("/projects").json()["items"]
    ids = {item["slug"]: item["id"] for item in items}
    parts = {
        "course": "backend",
        "project": "first-server",
        "project_id": ids["first-server"],
        "submission_id": attempt,
    }
    scene = Scene(site, parts)
    yield scene
    scene.release()


@pytest.mark.parametrize("root", [f"{PREFIX}api/v1", "/api/v1"])
@pytest.mark.parametrize(("method", "path"), TABLE, ids=lambda part: part)
def test_scopes_decide_who_may_do_what(scene: Scene, root: str, method: str, path: str):
    answers = {}
    for who, name in zip(WHO, NAMES, strict=True):
        if path.startswith(PROJECT):
            scene.release()
        token = {"Authorization": f"Bearer {scene.site.tokens[name]}"} if name else {}
        url = f"{scene.site.url}{root}{path.format(**scene.parts)}"
        with httpx.Client(headers=token, timeout=30) as client:
            answers[who] = _status(client, method, url, _body(scene, method, path))
    assert answers == dict(zip(WHO, TABLE[method, path], strict=True))


@pytest.mark.parametrize(
    ("query", "statuses"),
    [
        ("?username=ada", (401, 200, 403, 200, 200, 200)),
        ("?username=ada&course=backend", (401, 200, 403, 200, 403, 200)),
    ],
)
def test_only_the_course_s_instructors_list_somebody_else_s_attempts(
    scene: Scene, query: str, statuses: tuple[int, ...]
):
    for name, status in zip(NAMES, statuses, strict=True):
        with scene.site.client(name) as client:
            assert client.get(f"/submissions{query}").status_code == status, name


def test_an_instructor_of_another_course_finds_none_of_a_learner_s_attempts(scene: Scene):
    with scene.site.client("otto") as client:
        assert client.get("/submissions?username=ada").json()["items"] == []


def test_signs_of_tampering_are_for_the_course_s_instructors_only(scene: Scene):
    flags = ("the cell 'hello' was changed",)
    shown = {}
    with scene.site.client("ada") as owner:
        attempt = accepted(owner)["id"]
    assert _detail(scene, "ines", attempt)["flags"] == []
    grade(scene.site, attempt, seed.outcome(hello=True, status=False, flags=flags))
    for name in ("ada", "ines", "root"):
        shown[name] = _detail(scene, name, attempt)["flags"]
    assert shown == {"ada": None, "ines": list(flags), "root": list(flags)}
    with scene.site.client("ada") as owner:
        assert "was changed" not in owner.get("/submissions").text


def test_a_hub_token_without_milepost_s_scope_is_refused(site: Site):
    made = httpx.post(
        f"{site.url}/hub/api/users/ada/tokens",
        headers={"Authorization": f"token {site.tokens['ada']}"},
        json={"scopes": ["read:users:name!user=ada"]},
    )
    headers = {"Authorization": f"token {made.json()['token']}"}
    answer = httpx.get(f"{site.api}/auth/me", headers=headers)
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_an_invented_token_is_nobody_s(site: Site):
    answer = httpx.get(f"{site.api}/auth/me", headers={"Authorization": "token invented"})
    assert answer.status_code == 401


def _detail(scene: Scene, name: str, attempt: int) -> dict[str, Any]:
    with scene.site.client(name) as client:
        detail: dict[str, Any] = client.get(f"/submissions/{attempt}").json()
        return detail


def _body(scene: Scene, method: str, path: str) -> dict[str, Any]:
    if (method, path) == ("post", "/progress"):
        return {"json": {"project_id": scene.parts["project_id"], "opened": True}}
    if method in {"post", "put"}:
        return {"content": archive(), "headers": GZIP | {"Idempotency-Key": uuid.uuid4().hex}}
    return {}


def _status(client: httpx.Client, method: str, url: str, body: dict[str, Any]) -> int:
    # Streamed, because the event stream has no end.
    with client.stream(method, url, **body) as answer:
        return answer.status_code

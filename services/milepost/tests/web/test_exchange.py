"""Releasing, fetching and submitting."""

import hashlib
import threading

import httpx
import pytest

from services.milepost.tests.web.support import seed
from services.milepost.tests.web.support.exchange import (
    GZIP,
    accepted,
    archive,
    grade,
    queued,
    submit,
)
from services.milepost.tests.web.support.site import Site

FIRST = "/courses/backend/projects/first-server/archive"
SECOND = "/courses/backend/projects/second-server/archive"


def test_released_projects_are_listed_with_their_state(site: Site):
    with site.client(site.learner()) as client:
        items = client.get("/courses/backend/projects").json()["items"]
    assert [(item["slug"], item["state"]) for item in items] == [
        ("first-server", "not_started"),
        ("second-server", "locked"),
        ("sql-store", "locked"),
    ]
    assert items[0]["sha256"] == hashlib.sha256(archive()).hexdigest()
    assert (items[0]["size"], items[0]["files"]) == (len(archive()), 2)


def test_a_learner_fetches_an_open_project_once(site: Site):
    with site.client("bob") as client:
        first = client.get(FIRST)
        again = client.get(FIRST, headers={"If-None-Match": first.headers["ETag"]})
    assert first.content == archive()
    assert first.headers["Content-Type"] == "application/gzip"
    assert first.headers["ETag"] == f'"{hashlib.sha256(archive()).hexdigest()}"'
    assert (again.status_code, again.content) == (304, b"")


def test_a_locked_project_is_refused_and_its_prerequisite_named(site: Site):
    with site.client(site.learner()) as client:
        fetched = client.get(SECOND)
        submitted = submit(client, "second-server")
    for answer in (fetched, submitted):
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:milepost:locked")
        assert "complete “A first server” first" in answer.json()["detail"]


def test_an_instructor_fetches_what_learners_cannot_yet(site: Site):
    with site.client("ines") as client:
        assert client.get(SECOND).status_code == 200


def test_an_unreleased_project_can_neither_be_fetched_nor_submitted(site: Site):
    with site.client("otto") as instructor, site.client(site.learner()) as client:
        path = "/courses/hostile/projects/hostile-project"
        assert instructor.delete(f"{path}/archive").status_code == 404
        assert client.get(f"{path}/archive").status_code == 404
        headers = GZIP | {"Idempotency-Key": "k"}
        posted = client.post(f"{path}/submissions", content=archive(), headers=headers)
    assert (posted.status_code, posted.json()["detail"]) == (
        404,
        "The project hostile-project is not released.",
    )


def test_a_submission_gives_a_receipt_and_waits_to_be_graded(site: Site):
    name = site.learner()
    with site.client(name) as client:
        answer = submit(client, content=archive("mine"))
        receipt = answer.json()
        shown = client.get(f"/submissions/{receipt['id']}").json()
        files = client.get(f"/submissions/{receipt['id']}/archive").content
        progress = client.get("/progress").json()["items"][0]
    assert answer.status_code == 202
    assert answer.headers["Location"] == receipt["url"]
    assert receipt["sha256"] == hashlib.sha256(archive("mine")).hexdigest()
    assert (receipt["username"], receipt["state"]) == (name, "queued")
    assert receipt["submitted_at"].endswith("Z")
    assert (shown["verdict"], shown["score"], shown["steps"]) == (None, None, [])
    assert files == archive("mine")
    assert progress["status"] == "in_progress"
    assert progress["attempts"] == 0


def test_the_same_submission_twice_gives_the_same_receipt_and_one_job(site: Site):
    with site.client(site.learner()) as client:
        before = queued(site)
        first, again = (submit(client, key="once") for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json() == first.json()
    assert queued(site) == before + 1


def test_the_same_submission_from_many_requests_at_once_is_one(site: Site):
    name = site.learner()
    before = queued(site)
    answers: list[httpx.Response] = []

    def send() -> None:
        with site.client(name) as client:
            answers.append(submit(client, key="at once"))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [202]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert queued(site) == before + 1


def test_a_key_that_was_used_with_other_content_is_a_conflict(site: Site):
    with site.client(site.learner()) as client:
        assert submit(client, key="k", content=archive("a")).status_code == 202
        answer = submit(client, key="k", content=archive("b"))
        assert len(client.get("/submissions").json()["items"]) == 1
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:milepost:conflict")


def test_who_has_too_many_open_attempts_is_told_to_wait(site: Site):
    with site.client(site.learner()) as client:
        for _ in range(5):
            accepted(client)
        answer = submit(client)
    assert (answer.status_code, answer.json()["type"]) == (429, "urn:milepost:too-many")
    assert int(answer.headers["Retry-After"]) > 0
    assert "submit again when one of them is" in answer.json()["detail"]


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_submission_needs_a_key_of_a_reasonable_length(site: Site, key: str):
    headers = GZIP | {"Idempotency-Key": key}
    with site.client("bob") as client:
        path = "/courses/backend/projects/first-server/submissions"
        answer = client.post(path, content=archive(), headers=headers)
    assert answer.status_code == 422


def test_results_per_step_and_feedback(site: Site):
    name = site.learner()
    with site.client(name) as client, site.client("ines") as instructor:
        attempt = accepted(client)["id"]
        assert client.get(f"/submissions/{attempt}/feedback").status_code == 404
        grade(site, attempt, seed.outcome(hello=True, status=False))
        path = f"/submissions/{attempt}/feedback"
        instructor.put(path, content=archive("well"), headers=GZIP).raise_for_status()
        shown = client.get(f"/submissions/{attempt}").json()
        feedback = client.get(path)
    assert (shown["state"], shown["verdict"], shown["percent"]) == ("graded", "failed", 50)
    assert (shown["score"], shown["max_score"]) == (5, 10)
    hello, status = shown["steps"]
    assert (hello["passed"], status["passed"]) == (True, False)
    visible, hidden = status["checks"]
    assert (visible["hidden"], visible["message"]) == (False, "expected 201, got 200")
    assert (hidden["hidden"], hidden["passed"]) == (True, False)
    assert feedback.content == archive("well")
    assert feedback.headers["ETag"] == f'"{shown["feedback"]}"'


def test_instructors_list_the_latest_attempt_of_each_learner(site: Site):
    name = site.learner()
    with site.client(name) as client, site.client("ines") as instructor:
        ids = [accepted(client)["id"] for _ in range(3)]
        everything = instructor.get("/submissions", params={"course": "backend", "limit": "200"})
        latest = instructor.get(
            "/submissions",
            params={"course": "backend", "project": "first-server", "latest": "true"},
        )
        own = client.get("/submissions", params={"limit": "2"}).json()
        rest = client.get("/submissions", params={"limit": "2", "cursor": own["next"]}).json()
    assert set(ids) <= {item["id"] for item in everything.json()["items"]}
    mine = [item["id"] for item in latest.json()["items"] if item["username"] == name]
    assert mine == [ids[-1]]
    assert [item["id"] for item in own["items"] + rest["items"]] == ids[::-1]
    assert rest["next"] is None

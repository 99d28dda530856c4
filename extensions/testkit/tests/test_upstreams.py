"""Scripted servers for programs that call other services."""

import pytest
from milepost_testkit import CheckFailed

CLIENT = """
import httpx
def get(url):
    response = httpx.get(url)
    return [response.status_code, response.json(), response.headers.get("retry-after")]
def post(url, data):
    return httpx.post(url, json=data).status_code
"""


@pytest.fixture(autouse=True)
def _client(write):
    write("client.py", CLIENT)


def test_answers_are_given_in_turn_and_the_last_one_repeats(learner):
    up = learner.upstream(
        {"GET /a": [{"status": 503, "headers": {"Retry-After": "2"}}, {"json": [1]}]}
    )
    learner.calling("client:get", f"{up.url}/a").returns([503, None, "2"])
    learner.calling("client:get", f"{up.url}/a").returns([200, [1], None])
    learner.calling("client:get", f"{up.url}/a").returns([200, [1], None])
    up.expect_requests(3)


def test_the_route_that_names_most_of_the_query_wins(learner):
    up = learner.upstream({"GET /a": {"json": 1}, "GET /a?page=2": {"json": 2}})
    learner.calling("client:get", f"{up.url}/a?size=9").returns([200, 1, None])
    learner.calling("client:get", f"{up.url}/a?size=9&page=2").returns([200, 2, None])
    learner.calling("client:get", f"{up.url}/b").returns([404, {"detail": "Not Found"}, None])
    up.expect_requests(["GET /a?size=9", "GET /a?size=9&page=2", "GET /b"])


def test_requests_are_recorded_with_headers_and_body(learner):
    up = learner.upstream({"POST /a": {"status": 201}})
    assert learner.call("client:post", f"{up.url}/a", {"x": 1}) == 201
    [request] = up.requests
    assert request.json() == {"x": 1}
    assert request.headers["content-type"] == "application/json"


def test_a_connection_can_be_dropped_and_an_answer_delayed(learner):
    up = learner.upstream({"GET /a": [{"drop": True}, {"delay": 0.2, "json": 1}]})
    learner.calling("client:get", f"{up.url}/a").raises("RemoteProtocolError")
    learner.calling("client:get", f"{up.url}/a").returns([200, 1, None])
    learner.calling("client:get", f"{up.url}/a").returns([200, 1, None])
    up.expect_gap(1, 0.2)


def test_a_failed_check_lists_what_came_in(learner):
    up = learner.upstream({"GET /a": {"json": 1}})
    with pytest.raises(CheckFailed) as caught:
        up.expect_requests(2, why="It asks twice.")
    assert str(caught.value) == (
        "It asks twice.\n\nExpected:  2 requests\nCame in:   no request at all"
    )
    learner.call("client:get", f"{up.url}/a?b=c")
    with pytest.raises(CheckFailed, match=r"Came in:\s+0\.00 s  GET /a\?b=c"):
        up.expect_gap(0, 1)


def test_only_the_last_scripted_servers_are_kept(learner):
    ups = [learner.upstream({}) for _ in range(9)]
    with pytest.raises(CheckFailed, match="replaced"):
        _ = ups[0].requests
    assert ups[-1].requests == []

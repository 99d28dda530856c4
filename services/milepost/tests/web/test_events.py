"""The event stream misses nothing, whoever drops it."""

import threading
import time
from itertools import islice

import httpx
import pytest
from milepost.domain.events import EventKind
from milepost.ports.bus import learner_topic
from milepost.web.settings import WebSettings

from services.milepost.tests.web.support import seed
from services.milepost.tests.web.support.exchange import accepted, grade
from services.milepost.tests.web.support.site import PREFIX, Site, free_ports, running_service
from services.milepost.tests.web.support.streams import stream


def _tell(site: Site, name: str, number: int, *, ring: bool = True) -> int:
    with site.deps.store.transaction() as tx:
        told = tx.events.append(name, EventKind.PROGRESS_CHANGED, {"n": number}, at=site.deps.now())
    if ring:
        site.deps.bus.ring(learner_topic(name))
    return told


def test_events_arrive_as_they_happen(site: Site):
    with site.client(site.learner()) as client, stream(client) as events:
        receipt = accepted(client)
        told = next(events)
        assert told.event == "attempt.accepted"
        assert told.data["attempt"] == receipt["id"]
        grade(site, receipt["id"], seed.outcome(hello=True, status=True))
        assert next(events).event == "attempt.graded"


@pytest.mark.parametrize("resume", ["header", "query"])
def test_a_reconnect_misses_nothing(site: Site, resume: str):
    name = site.learner()
    with site.client(name) as client:
        client.get("/auth/me").raise_for_status()
        with stream(client) as events:
            first = _tell(site, name, 0)
            assert next(events).id == first
        missed = [_tell(site, name, number, ring=False) for number in range(1, 250)]
        headers = {"Last_Event_ID": str(first)} if resume == "header" else {}
        if resume == "query":
            client.params = httpx.QueryParams({"after": str(first)})
        with stream(client, **headers) as events:
            told = list(islice(events, 249))
            later = _tell(site, name, 250)
            assert next(events).id == later
    assert [event.id for event in told] == missed
    assert [event.data["n"] for event in told] == list(range(1, 250))


def test_without_a_last_event_only_what_is_to_come_is_told(site: Site):
    name = site.learner()
    with site.client(name) as client:
        client.get("/auth/me").raise_for_status()
        _tell(site, name, 1)
        with stream(client) as events:
            later = _tell(site, name, 2)
            assert next(events).id == later


def test_a_learner_hears_nothing_of_another(site: Site):
    one, other = site.learner(), site.learner()
    with site.client(one) as client, site.client(other) as second:
        second.get("/auth/me").raise_for_status()
        with stream(client, Last_Event_ID="0") as events:
            _tell(site, other, 1)
            own = _tell(site, one, 2)
            assert next(events).id == own


@pytest.mark.parametrize("last", ["x", "-1", "9" * 30, "1; DROP"])
def test_a_senseless_last_event_is_refused(site: Site, last: str):
    with site.client("bob") as client:
        assert client.get("/events", headers={"Last-Event-ID": last}).status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_stream_for_a_page_of_another_origin_is_refused(site: Site, headers: dict[str, str]):
    with site.client("bob") as client:
        answer = client.get("/events", headers=headers)
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_stream_for_this_site_s_page_is_served(site: Site):
    with (
        site.client("bob") as client,
        stream(client, Origin=site.url, Sec_Fetch_Site="same-origin"),
    ):
        pass


def test_a_learner_has_a_limited_number_of_streams_and_gets_them_back(site: Site):
    name = site.learner()
    most = WebSettings(cookie_secret=b"").streams_per_user
    with site.client(name) as client:
        answers = [client.send(_open(client), stream=True) for _ in range(most)]
        assert {answer.status_code for answer in answers} == {200}
        refused = client.get("/events")
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
        for answer in answers:
            answer.close()
        _wait_until(lambda: client.send(_open(client), stream=True).status_code == 200)


def test_a_ring_that_was_lost_does_not_lose_the_event(site: Site):
    name = site.learner()
    with _another_service(site, stream_look_seconds=0.1) as client:
        client.headers["Authorization"] = f"token {site.tokens[name]}"
        client.get("/auth/me").raise_for_status()
        with stream(client) as events:
            told = _tell(site, name, 1, ring=False)
            assert next(events).id == told


def test_a_silent_stream_says_that_it_is_still_there(site: Site):
    with (
        _another_service(site, stream_keep_alive_seconds=0.1) as client,
        client.stream("GET", "/events", headers=_token(site)) as answer,
    ):
        lines = [line for line in islice(answer.iter_lines(), 6) if line.startswith(":")]
    assert len(lines) == 2


def test_a_stream_of_its_age_ends_cleanly(site: Site):
    with (
        _another_service(site, stream_seconds=0.2, stream_look_seconds=0.1) as client,
        client.stream("GET", "/events", headers=_token(site)) as answer,
    ):
        assert answer.read().startswith(b"retry:")


def test_streams_end_cleanly_when_the_service_stops(site: Site):
    port = free_ports(1)[0]
    ended = threading.Event()
    started = threading.Event()

    def read() -> None:
        with httpx.stream("GET", url, headers=_token(site), timeout=30) as answer:
            started.set()
            answer.read()
            ended.set()

    url = f"http://127.0.0.1:{port}{PREFIX}api/v1/events"
    with running_service(
        site.deps, port, WebSettings(cookie_secret=b"other" * 8), site.environment
    ):
        _wait_until(lambda: _answers(port))
        reader = threading.Thread(target=read)
        reader.start()
        assert started.wait(20)
    reader.join(20)
    assert ended.is_set()


def _another_service(site: Site, **settings: float):
    return _Service(site, settings)


class _Service:
    """A second web process on the same database, with settings of its own."""

    def __init__(self, site: Site, settings: dict[str, float]) -> None:
        self._port = free_ports(1)[0]
        web = WebSettings(cookie_secret=b"other" * 8, **settings)  # type: ignore[arg-type]
        self._running = running_service(site.deps, self._port, web, site.environment)

    def __enter__(self) -> httpx.Client:
        self._running.__enter__()
        _wait_until(lambda: _answers(self._port))
        return httpx.Client(base_url=f"http://127.0.0.1:{self._port}/api/v1", timeout=30)

    def __exit__(self, *error: object) -> None:
        self._running.__exit__(None, None, None)


def _open(client: httpx.Client) -> httpx.Request:
    return client.build_request("GET", "/events")


def _token(site: Site) -> dict[str, str]:
    return {"Authorization": f"token {site.tokens['bob']}"}


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/api/v1/health").status_code == 200
    except httpx.TransportError:
        return False


def _wait_until(holds) -> None:
    ends = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < ends, "it never came about"
        time.sleep(0.05)

"""The learner's server, and requests to it."""

import os
import signal
from pathlib import Path

import pytest
from milepost_testkit import CheckFailed, LocalTransport, any_int, containing

SHOP = """
import os
import time
from fastapi import FastAPI

app = FastAPI()
seen = []
prices = {"tea": 3}

@app.get("/")
def home():
    print("someone is at the door")
    seen.append(1)
    return {"message": "Welcome", "visits": len(seen)}

@app.post("/orders", status_code=201)
def order(order: dict):
    return {"id": 1, **order}

@app.get("/price/{name}")
def price(name: str):
    return prices[name]

@app.get("/slow")
def slow():
    time.sleep(5)

@app.get("/exit")
def leave():
    os._exit(7)
"""


@pytest.fixture(autouse=True)
def _shop(write):
    write("app/main.py", SHOP)


@pytest.fixture
def api(learner):
    return learner.serve("app.main:app")


def test_a_request_is_answered_by_the_real_server(api):
    api.get("/").expect(
        status=200,
        json={"message": "Welcome", "visits": any_int},
        headers={"Content-Type": containing("json")},
    )
    api.post("/orders", json={"item": "tea"}).expect(status=201, json={"id": 1, "item": "tea"})
    assert api.get("/price/tea").json() == 3
    assert api.get("/price/tea").headers["content-length"] == "1"


def test_a_response_shows_itself_readably(api):
    assert repr(api.get("/price/tea")) == "200 OK\n3"


def test_a_server_is_kept_until_a_file_changes_or_a_fresh_one_is_asked_for(learner, write):
    def visits(**options):
        return learner.serve("app.main:app", **options).get("/").json()["visits"]

    assert [visits(), visits(), visits(fresh=True)] == [1, 2, 1]
    write("app/main.py", SHOP.replace("Welcome", "Good day"))
    assert visits() == 1
    assert learner.serve("app.main:app").get("/").json()["message"] == "Good day"


def test_a_change_within_the_same_second_is_seen(learner, write):
    for price in ("4", "5", "6"):
        write("app/main.py", SHOP.replace('"tea": 3', f'"tea": {price}'))
        learner.serve("app.main:app").get("/price/tea").expect(json=int(price))


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("http_status", lambda api: api.post("/orders", json={"a": 1}).expect(status=200)),
        ("http_json", lambda api: api.get("/").expect(json={"message": "Hi", "id": any_int})),
        ("http_header", lambda api: api.get("/").expect(headers={"Location": "/x"})),
        ("http_raised", lambda api: api.get("/price/milk").expect(status=404, why="No milk.")),
        ("http_slow", lambda api: api.get("/slow", seconds=0.3)),
    ],
)
def test_a_failed_check_tells_what_was_sent_and_what_came_back(api, golden, name, check):
    with pytest.raises(CheckFailed) as caught:
        check(api)
    golden(name, caught.value)


def test_a_request_after_one_that_raised_is_answered(api):
    assert api.get("/price/milk").status == 500
    assert api.get("/price/tea").status == 200


def test_a_server_that_ends_is_told_and_the_next_one_is_new(api, learner):
    with pytest.raises(CheckFailed, match="The server gave no answer"):
        api.get("/exit")
    learner.serve("app.main:app").get("/").expect(status=200)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("serve_no_app", "from fastapi import FastAPI\n"),
        ("serve_raises", "prices = {}\nprices['tea']\n"),
        ("serve_not_callable", "app = 3\n"),
        (
            "serve_startup_fails",
            "from contextlib import asynccontextmanager\nfrom fastapi import FastAPI\n"
            "@asynccontextmanager\nasync def life(app):\n"
            "    raise ValueError('no disk')\n    yield\n"
            "app = FastAPI(lifespan=life)\n",
        ),
    ],
)
def test_a_server_that_does_not_start_is_explained(learner, write, golden, name, text):
    write("app/main.py", text)
    with pytest.raises(CheckFailed) as caught:
        learner.serve("app.main:app")
    golden(name, caught.value)


def test_a_folder_stays_clean_of_caches(api, folder: Path):
    api.get("/")
    assert [path for path in folder.rglob("*") if path.is_file()] == [folder / "app/main.py"]


def test_closing_ends_every_process_and_removes_the_scratch_folder(folder, learner, transport):
    server = transport.ask("serve", {"app": "app.main:app", "fresh": False})["server"]
    scratch = transport._nursery._scratch
    transport.close()
    _wait_until_gone(server)
    while scratch.exists():
        pass


def test_a_killed_helper_is_told_and_started_anew(learner, transport):
    client = learner.serve("app.main:app")
    server = transport.ask("serve", {"app": "app.main:app", "fresh": False})["server"]
    os.kill(_parent(server), signal.SIGKILL)
    with pytest.raises(CheckFailed, match="Run the cell again"):
        learner.upstream({})
    with pytest.raises(CheckFailed):
        client.get("/")
    learner.serve("app.main:app").get("/").expect(status=200)


def _parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[1])


def _wait_until_gone(process: int) -> None:
    while Path(f"/proc/{process}").exists():
        pass


def test_two_transports_do_not_share_anything(folder, write):
    transports = [LocalTransport(folder), LocalTransport(folder)]
    servers = [t.ask("serve", {"app": "app.main:app", "fresh": False}) for t in transports]
    assert servers[0] != servers[1]
    for transport in transports:
        transport.close()

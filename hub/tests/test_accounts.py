"""Rules for names, passwords and failed attempts."""

import re

import httpx
import pytest
from milepost_hub import passwords
from milepost_hub.addresses import client_address
from milepost_hub.authenticator import USERNAME
from milepost_hub.throttle import Throttle
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler


@pytest.mark.parametrize("name", ["ada", "a", "grace-hopper", "alan_t", "x" * 32])
def test_plain_names_are_user_names(name: str):
    assert re.match(USERNAME, name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Ada",
        "1ada",
        "-ada",
        "../ada",
        "a/b",
        "a b",
        "ada\n",
        "ada\0",
        "a\u200bda",
        "ädä",
        "x" * 33,
    ],
)
def test_other_names_are_not(name: str):
    assert not re.match(USERNAME, name)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "at least 10"),
        ("x" * 73, "too long"),
        ("ä" * 40, "too long"),
        ("1234567890", "most common"),
        ("PASSWORD123", "most common"),
        ("my name is ada", "your user name"),
        ("nul\0in the middle", "NUL"),
    ],
)
def test_a_bad_password_is_refused_with_the_reason(password: str, reason: str):
    assert reason in passwords.problem(password, "ada")


def test_a_good_password_is_accepted():
    assert passwords.problem("correct horse battery", "ada") == ""


async def test_a_password_matches_its_own_hash_only():
    stored = passwords.hashed("correct horse battery")
    assert await passwords.matches("correct horse battery", stored)
    assert not await passwords.matches("correct horse", stored)
    assert not await passwords.matches("correct horse battery", None)


async def test_an_overlong_password_is_wrong_instead_of_an_error():
    stored = passwords.hashed("x" * 72)
    assert not await passwords.matches("x" * 73, stored)
    assert not await passwords.matches("x\0y", stored)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_too_many_events_block_until_the_first_has_aged():
    clock = Clock()
    throttle = Throttle(2, 600, clock)
    throttle.count("a")
    clock.now = 60
    throttle.count("a")
    assert throttle.wait("a") == 540
    assert throttle.wait("b") == 0
    clock.now = 600
    assert throttle.wait("a") == 0


def test_what_is_forgotten_starts_anew():
    throttle = Throttle(1, 600, Clock())
    throttle.count("a")
    throttle.forget("a")
    assert throttle.wait("a") == 0


class WhereFrom(RequestHandler):
    """Answers with the address that the request is counted by."""

    def get(self) -> None:
        self.write(client_address(self.request))


@pytest.mark.parametrize(("connects_from", "seen"), [("127.0.0.1", "10.0.0.7"), ("127.0.0.2",) * 2])
async def test_only_the_machines_own_proxy_tells_the_clients_address(connects_from: str, seen: str):
    server = HTTPServer(Application([("/", WhereFrom)]), xheaders=True)
    (listening,) = bind_sockets(0, "127.0.0.1")
    server.add_socket(listening)
    claim = {"X-Forwarded-For": "6.6.6.6, 10.0.0.7", "X-Real-IP": "6.6.6.6"}
    transport = httpx.AsyncHTTPTransport(local_address=connects_from)
    async with httpx.AsyncClient(transport=transport) as client:
        port = listening.getsockname()[1]
        answer = await client.get(f"http://127.0.0.1:{port}/", headers=claim)
    server.stop()
    assert answer.text == seen

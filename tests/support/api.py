"""Talking to the Hub and the service as programs do: with tokens."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.platform import Platform

SECONDS = 30


def administrator(platform: Platform) -> httpx.Client:
    """Sign the generated admin in through the sign-in form; return a client with their token."""
    with httpx.Client(base_url=platform.url, timeout=SECONDS, follow_redirects=True) as browser:
        browser.get("/hub/login")
        form = {
            "username": "admin",
            "password": platform.admin_password,
            "_xsrf": browser.cookies["_xsrf"],
        }
        browser.post("/hub/login", data=form, follow_redirects=False)
        browser.get("/hub/token")
        answer = browser.post(
            "/hub/api/users/admin/tokens",
            headers={"X-XSRFToken": browser.cookies.get("_xsrf", path="/hub/") or ""},
            json={"note": "end-to-end"},
        )
        answer.raise_for_status()
    return with_token(platform, answer.json()["token"])


def with_token(platform: Platform, token: str) -> httpx.Client:
    """Return a client that shows this token to Hub and service."""
    headers = {"Authorization": f"token {token}"}
    return httpx.Client(base_url=platform.url, headers=headers, timeout=SECONDS)


def token_of(admin: httpx.Client, username: str) -> str:
    """Return a new token of `username`, whose account is made where it is not there."""
    found = admin.post(f"/hub/api/users/{username}")
    if found.status_code not in {httpx.codes.CREATED, httpx.codes.CONFLICT}:
        raise AssertionError(f"no account {username}: {found.text}")
    answer = admin.post(f"/hub/api/users/{username}/tokens", json={"note": "end-to-end"})
    answer.raise_for_status()
    return str(answer.json()["token"])


@dataclass(frozen=True)
class ServerEvent:
    """One event of a `text/event-stream`."""

    id: str
    name: str
    data: dict[str, Any]


@contextmanager
def event_stream(
    client: httpx.Client, *, after: int | None = None
) -> Iterator[Iterator[ServerEvent]]:
    """Open the learner's event stream; the block reads the events one after another."""
    query = {} if after is None else {"after": str(after)}
    with client.stream("GET", "/api/v1/events", params=query, timeout=120) as answer:
        answer.raise_for_status()
        yield _parse(answer.iter_lines())


def _parse(lines: Iterator[str]) -> Iterator[ServerEvent]:
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
            continue
        if "data" in fields:
            yield ServerEvent(fields.get("id", ""), fields["event"], json.loads(fields["data"]))
        fields = {}

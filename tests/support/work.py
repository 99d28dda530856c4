"""A learner's project folder, and submitting it by program."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx
from jupyterlab_milepost.archive import pack, unpack

from tests.support.api import ServerEvent, event_stream
from tests.support.solutions import COURSE, Files


@dataclass(frozen=True)
class Graded:
    """A submission's receipt, the graded attempt, and the seconds from POST to graded event."""

    receipt: dict[str, Any]
    attempt: dict[str, Any]
    seconds: float


def fetch(client: httpx.Client, project: str, folder: Path, *, course: str = COURSE) -> None:
    """Put the released files of a project into `folder`."""
    answer = client.get(f"/api/v1/courses/{course}/projects/{project}/archive")
    answer.raise_for_status()
    unpack(answer.content, folder)


def lay_over(folder: Path, files: Files) -> None:
    """Write files into a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def submit(client: httpx.Client, project: str, folder: Path) -> dict[str, Any]:
    """Submit a folder; return the receipt."""
    answer = client.post(
        f"/api/v1/courses/{COURSE}/projects/{project}/submissions",
        content=pack(folder),
        headers={"Content-Type": "application/gzip", "Idempotency-Key": token_hex(16)},
    )
    answer.raise_for_status()
    return dict(answer.json())


def submit_until(client: httpx.Client, project: str, folder: Path, moment: str) -> dict[str, Any]:
    """Submit a folder, and return the receipt once the event `moment` has been told."""
    with event_stream(client) as events:
        receipt = submit(client, project, folder)
        _wait_for(events, receipt, {moment})
    return receipt


def submit_and_wait(client: httpx.Client, project: str, folder: Path) -> Graded:
    """Submit a folder, and read the event stream until the grade is there."""
    with event_stream(client) as events:
        begun = time.perf_counter()
        receipt = submit(client, project, folder)
        _wait_for(events, receipt, {"attempt.graded", "attempt.dead"})
        seconds = time.perf_counter() - begun
    answer = client.get(f"/api/v1/submissions/{receipt['id']}")
    answer.raise_for_status()
    return Graded(receipt, answer.json(), seconds)


def wait_for_grade(client: httpx.Client, *, seconds: float = 120) -> dict[str, Any]:
    """Wait until the learner's newest attempt is graded, and return it."""
    end = time.monotonic() + seconds
    newest: dict[str, Any] = {}
    while time.monotonic() < end:
        items = client.get("/api/v1/submissions", params={"limit": 1}).raise_for_status().json()
        newest = items["items"][0]
        if newest["state"] in {"graded", "dead"}:
            return newest
        time.sleep(0.3)
    raise AssertionError(f"no grade after {seconds:.0f} s: {newest}")


def _wait_for(events: Iterator[ServerEvent], receipt: dict[str, Any], names: set[str]) -> None:
    for event in events:
        if event.name in names and event.data["attempt"] == receipt["id"]:
            return
    raise AssertionError("the event stream ended")

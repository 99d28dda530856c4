"""Reading event streams."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Told:
    """One event as it came over the stream."""

    id: int
    event: str
    data: dict[str, Any]


@contextmanager
def stream(client: httpx.Client, **headers: str) -> Iterator[Iterator[Told]]:
    """Open the stream; the iterator yields events as they come."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with client.stream("GET", "/events", headers=named, timeout=40) as answer:
        assert answer.status_code == httpx.codes.OK, answer.read()
        lines = answer.iter_lines()
        assert next(lines).startswith("retry:")
        yield _events(lines)


def _events(lines: Iterator[str]) -> Iterator[Told]:
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if name:
            fields[name] = value
        elif not line and "id" in fields:
            yield Told(int(fields["id"]), fields["event"], json.loads(fields["data"]))
            fields = {}

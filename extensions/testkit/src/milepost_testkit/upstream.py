"""The other service that a learner's program talks to, played by a script."""

import json as json_module
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .failure import Reporter, headline, section
from .plain import Json
from .transport import Transport


@dataclass(frozen=True)
class Received:
    """A request that the scripted server received, `at` so many seconds after its start."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str
    at: float

    def json(self) -> Json:
        """Return the body read as JSON. Raises ValueError."""
        data: Json = json_module.loads(self.body)
        return data

    def __str__(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"{self.method} {self.path}{'?' if query else ''}{query}"


class Upstream:
    """A running scripted server: its `url`, and the `requests` that it has received."""

    def __init__(self, transport: Transport, reporter: Reporter, number: int, url: str) -> None:
        self._transport = transport
        self._reporter = reporter
        self._number = number
        self.url = url

    @property
    def requests(self) -> list[Received]:
        """All requests so far, in order."""
        answer = self._transport.ask("requests", {"upstream": self._number})
        if "problem" in answer:
            self._reporter.fail(str(answer["problem"]))
        return [Received(**request) for request in answer["requests"]]

    @property
    def gaps(self) -> list[float]:
        """The seconds between each request and the next."""
        times = [request.at for request in self.requests]
        return [after - before for before, after in pairwise(times)]

    def expect_requests(self, expected: int | Sequence[str], why: str = "") -> None:
        """Check how many requests came, or which: "GET /items?page=2" in order."""
        found = [str(request) for request in self.requests]
        if expected not in (len(found), found):
            wanted = f"{expected} requests" if isinstance(expected, int) else "\n".join(expected)
            self.fail(why, wanted)

    def expect_gap(self, index: int, seconds: float, why: str = "") -> None:
        """Check that at least `seconds` passed between request `index` and the next one."""
        gaps = self.gaps
        if len(gaps) <= index:
            self.fail(why, f"at least {index + 2} requests")
        if gaps[index] < seconds:
            wanted = f"at least {seconds:g} s between requests {index + 1} and {index + 2}"
            self.fail(why, wanted)

    def fail(self, why: str, wanted: str) -> None:
        """Raise CheckFailed: tell what the server should have received, and what it did."""
        requests = self.requests
        start = requests[0].at if requests else 0.0
        lines = [f"{request.at - start:5.2f} s  {request}" for request in requests[:12]]
        if len(requests) > len(lines):
            lines.append(f"… and {len(requests) - len(lines)} more")
        self._reporter.fail(
            headline(why),
            section("Expected", wanted),
            section("Came in", "\n".join(lines) or "no request at all"),
        )


def script_of(routes: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return a script in full: a single answer becomes a list of one."""
    return {
        route: [dict(answers)] if isinstance(answers, Mapping) else [dict(one) for one in answers]
        for route, answers in routes.items()
    }

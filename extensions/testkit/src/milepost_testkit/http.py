"""Requests to the learner's server, and what a test expects of the answers."""

import json as json_module
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NoReturn

from .failure import Reporter, headline, printed, section
from .matching import described, differences
from .plain import Json, NotPlainError, plain, shortened, shown
from .transport import Message, Transport

REQUEST_SECONDS = 10.0
UNSET = object()


@dataclass(frozen=True)
class Response:
    """An answer of the learner's server: `status`, `headers` (names in small letters), `text`."""

    request: str
    status: int
    headers: Mapping[str, str]
    text: str
    _reporter: Reporter = field(repr=False)
    _errors: tuple[str, ...] = field(repr=False, default=())
    _printed: str = field(repr=False, default="")

    def __repr__(self) -> str:
        return f"{_status_line(self.status)}\n{_pretty(self.text)}".strip()

    def json(self) -> Json:
        """Return the body read as JSON; a body that is none is a failed check."""
        try:
            return plain(json_module.loads(self.text))
        except (ValueError, RecursionError, NotPlainError):
            self._fail("", "a body in JSON")

    def expect(
        self,
        *,
        status: int | None = None,
        json: object = UNSET,
        headers: Mapping[str, object] | None = None,
        why: str = "",
    ) -> "Response":
        """Check the answer; what is left out is not looked at. Matchers may stand in both.

        `why` becomes the first line of the message. Returns the response itself.
        """
        if status is not None and self.status != status:
            self._fail(why, f"status {_status_line(status)}")
        for name, wanted in (headers or {}).items():
            found = differences(wanted, self.headers.get(name.lower()))
            if found:
                given = self.headers.get(name.lower(), "none")
                self._fail(why, f"header {name}: {described(wanted)}", f"header {name}: {given}")
        if json is not UNSET:
            self._expect_json(json, why)
        return self

    def _expect_json(self, expected: object, why: str) -> None:
        found = differences(expected, self.json())
        if found:
            differing = section("Differs", "\n".join(found))
            self._fail(why, f"JSON {described(expected)}", more=differing)

    def _fail(self, why: str, expected: str, came: str = "", more: str = "") -> NoReturn:
        self._reporter.fail(
            headline(why),
            section("Sent", self.request),
            section("Expected", expected),
            section("Came back", came or f"{_status_line(self.status)}\n{shortened(self.text)}"),
            more,
            *(section("Error", error) for error in self._errors),
            printed(self._printed),
        )


class Client:
    """Sends requests to one server of the learner; each stands alone, no cookies are kept."""

    def __init__(self, transport: Transport, reporter: Reporter, server: int) -> None:
        self._transport = transport
        self._reporter = reporter
        self._server = server

    def get(self, path: str, **options: Any) -> Response:  # noqa: ANN401 - as `request`
        """Send a GET request; options as for `request`."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Response:  # noqa: ANN401 - as `request`
        """Send a POST request; options as for `request`."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> Response:  # noqa: ANN401 - as `request`
        """Send a PUT request; options as for `request`."""
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Response:  # noqa: ANN401 - as `request`
        """Send a PATCH request; options as for `request`."""
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Response:  # noqa: ANN401 - as `request`
        """Send a DELETE request; options as for `request`."""
        return self.request("DELETE", path, **options)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: object = UNSET,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = REQUEST_SECONDS,
    ) -> Response:
        """Send a request with a body of JSON, of text, or with none.

        No answer within `seconds`, or none at all, is a failed check.
        """
        sent = dict(headers or {})
        if json is not UNSET:
            text = json_module.dumps(plain(json))
            sent = {"content-type": "application/json", **sent}
        question = {
            "server": self._server,
            "method": method,
            "path": path,
            "headers": sent,
            "body": text,
            "seconds": seconds,
        }
        shown_request = f"{method} {path}" + (f"\n{shortened(text)}" if text else "")
        return self._answered(shown_request, self._transport.ask("http", question))

    def _answered(self, request: str, answer: Message) -> Response:
        errors = tuple(str(error) for error in answer.get("errors", []))
        if "problem" in answer:
            self._reporter.fail(
                section("Sent", request),
                section("Expected", "an answer"),
                section("Came back", str(answer["problem"])),
                *(section("Error", error) for error in errors),
                printed(str(answer.get("printed", ""))),
            )
        return Response(
            request,
            answer["status"],
            {name.lower(): value for name, value in answer["headers"]},
            answer["body"],
            self._reporter,
            errors,
            str(answer["printed"]),
        )


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _pretty(text: str) -> str:
    try:
        return shown(json_module.loads(text), 2000)
    except ValueError:
        return shortened(text, 2000)

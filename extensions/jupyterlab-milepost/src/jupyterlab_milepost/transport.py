"""HTTP to the Milepost service: the token, tries and tries again, and errors as sentences."""

import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import httpx
from nbgrader.exchange import ExchangeError

_TRY_AGAIN = frozenset(
    {
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
# Whoever was silent for so long will not be helped by more calls.
_SLOW = (httpx.ReadTimeout, httpx.WriteTimeout)
_LONGEST_WAIT = 10.0
_TIMEOUT = httpx.Timeout(30.0, connect=5.0)


class ServiceError(ExchangeError):  # type: ignore[misc]
    """The service refused or could not be reached; the message is a sentence for people.

    `status` is the HTTP status of its answer, or None where there was none.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Transport:
    """Calls addresses below `api_url` with a Hub token.

    Connection errors and 502, 503, 504 are tried again after each of `retry_delays` (seconds).
    Not safe for use in several threads at once.
    """

    def __init__(self, api_url: str, token: str, retry_delays: Sequence[float]) -> None:
        self.api_url = api_url.rstrip("/")
        self._retry_delays = retry_delays
        # The service stands in the same house: neither a proxy nor a redirect may see the token.
        self._http = httpx.Client(
            headers={"Authorization": f"token {token}"},
            timeout=_TIMEOUT,
            trust_env=False,
            follow_redirects=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        json: object = None,
        retry: bool = True,
    ) -> httpx.Response:
        """Make a call and return the good answer.

        `retry` must be False where doing it twice would do harm. Raises ServiceError with the
        service's own sentence where it refuses.
        """
        request = self._http.build_request(
            method, self.api_url + path, params=params, headers=headers, content=content, json=json
        )
        delays = list(self._retry_delays) if retry else []
        while True:
            answer = self._send(request)
            if isinstance(answer, httpx.Response):
                if answer.is_success:
                    return answer
                if answer.status_code not in _TRY_AGAIN or not delays:
                    raise ServiceError(_sentence(answer), answer.status_code)
            elif not delays or isinstance(answer, _SLOW):
                raise ServiceError(
                    f"Milepost cannot be reached at {self.api_url} ({answer}): "
                    "try again in a minute, and tell your instructor if it lasts."
                )
            time.sleep(max(delays.pop(0), _asked_to_wait(answer)))

    def _send(self, request: httpx.Request) -> httpx.Response | httpx.TransportError:
        try:
            return self._http.send(request)
        except httpx.TransportError as error:
            return error


def json_of(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of an answer. Raises ServiceError where there is none."""
    try:
        document = response.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ServiceError(f"Milepost answered {response.url.path} with no JSON object.")
    return document


def _asked_to_wait(answer: httpx.Response | httpx.TransportError) -> float:
    if isinstance(answer, httpx.TransportError):
        return 0.0
    seconds = answer.headers.get("Retry-After", "")
    return min(float(seconds), _LONGEST_WAIT) if seconds.isdecimal() else 0.0


def _sentence(response: httpx.Response) -> str:
    """Say why the service refused: in the words of its problem document (RFC 9457), if any."""
    if response.headers.get("Content-Type", "").startswith("application/problem+json"):
        problem = json_of(response)
        if text := problem.get("detail") or problem.get("title"):
            return str(text)
    if response.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return (
            f"Milepost does not accept this server's token ({response.status_code}): stop your "
            "server in the Hub's control panel, start it again, and retry."
        )
    return (
        f"Milepost answered {response.status_code} {response.reason_phrase} to "
        f"{response.request.method} {response.url.path}."
    )

"""The learner's running servers, and HTTP requests to them."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .files import Files
from .jobs.channel import ChannelClosedError
from .nursery import Job, Nursery
from .transport import Message

if TYPE_CHECKING:
    import httpx

START_SECONDS = 20
MAX_BODY_BYTES = 2 * 1024 * 1024


@dataclass
class Server:
    """One running server of the learner."""

    job: Job
    client: "httpx.Client"
    fingerprint: object


class BadAnswerError(Exception):
    """The learner's server did not answer as HTTP asks; the text says how."""


class Servers:
    """Keeps one server for each application, and starts it anew when a file has changed."""

    def __init__(self, nursery: Nursery, files: Files) -> None:
        self._nursery = nursery
        self._files = files
        self._running: dict[str, Server] = {}

    def serve(self, question: Message) -> Message:
        """Answer {"server": id} once `app` listens; `fresh` forces a new process."""
        app = question["app"]
        fingerprint = self._files.fingerprint()
        known = self._running.get(app)
        if known and known.fingerprint == fingerprint and not question["fresh"]:
            return {"server": known.job.pid}
        if known:
            self._stop(app)
        job = self._nursery.start(
            "serve", {"app": app, "socket": True}, ["uvicorn", *self._files.libraries()]
        )
        problem = self._problem_of_start(job)
        if problem:
            self._nursery.end(job)
            return {"problem": problem}
        self._running[app] = Server(job, _client(self._nursery.socket_of(job)), fingerprint)
        return {"server": job.pid}

    def send(self, question: Message) -> Message:
        """Send one request; answer status, headers, body, what was printed and raised."""
        found = [item for item in self._running.items() if item[1].job.pid == question["server"]]
        if not found:
            return {"problem": "This server has been replaced by a newer one."}
        app, server = found[0]
        before = server.job.log_size()
        try:
            answer = _exchanged(server.client, question)
        except BadAnswerError as error:
            answer = {"problem": str(error)}
        try:
            told = server.job.channel.waiting()
        except ChannelClosedError:
            told = []
        answer["errors"] = [message["error"] for message in told if "error" in message]
        answer["printed"] = server.job.printed(before)
        if "problem" in answer:
            self._stop(app)
        return answer

    def _problem_of_start(self, job: Job) -> str:
        try:
            first = job.channel.receive(START_SECONDS)
        except TimeoutError:
            return f"The server had not started after {START_SECONDS} seconds.\n{job.printed()}"
        except ChannelClosedError:
            return f"The server ended while it started.\n{job.printed()}"
        return str(first.get("problem", ""))

    def _stop(self, app: str) -> None:
        server = self._running.pop(app)
        server.client.close()
        self._nursery.end(server.job)


def _client(path: str) -> "httpx.Client":
    import httpx  # noqa: PLC0415 - takes 0.25 s, during which the server starts

    # Each request has a connection of its own: uvicorn closes one after an exception.
    limits = httpx.Limits(max_keepalive_connections=0)
    transport = httpx.HTTPTransport(uds=path, limits=limits)
    return httpx.Client(transport=transport, base_url="http://localhost", trust_env=False)


def _exchanged(client: "httpx.Client", question: Message) -> Message:
    import httpx  # noqa: PLC0415 - as above

    seconds = question["seconds"]
    deadline = time.monotonic() + seconds
    request = client.build_request(
        question["method"],
        question["path"],
        headers=question["headers"],
        content=question["body"],
        timeout=seconds,
    )
    try:
        response = client.send(request, stream=True)
        body = b""
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_BODY_BYTES or time.monotonic() > deadline:
                raise BadAnswerError("The answer does not end: it is too long, or too slow.")
        response.close()
    except httpx.TimeoutException as error:
        raise BadAnswerError(f"No answer within {seconds:g} seconds.") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BadAnswerError(f"The server gave no answer: {error}") from error
    client.cookies.clear()
    return {
        "status": response.status_code,
        "headers": [[name, value] for name, value in response.headers.multi_items()],
        "body": body.decode(errors="replace"),
    }

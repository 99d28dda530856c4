"""A scripted HTTP server on loopback: the other service that a learner's program talks to."""

import json
import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .channel import Channel

MAX_RECORDED = 1000
MAX_BODY_BYTES = 65536
NOT_FOUND = {"status": 404, "json": {"detail": "Not Found"}}


def upstream(question: dict[str, Any], channel: Channel, _root: Path) -> None:
    """Job: serve `script` on a free port of 127.0.0.1 until killed.

    Sends {"url": …}, then one object for each request, before it is answered.
    """
    server = ScriptedServer(Script(question["script"]), channel)
    channel.send({"url": f"http://127.0.0.1:{server.server_port}"})
    server.serve_forever(poll_interval=3600)


class Script:
    """Which answer comes next: routes, each with a list of answers, the last of which repeats.

    A route is "METHOD /path" or "METHOD /path?name=value"; the one that names the most of a
    request's query wins.
    """

    def __init__(self, routes: dict[str, list[dict[str, Any]]]) -> None:
        self._routes = [(_route(key), list(answers)) for key, answers in routes.items()]
        self._lock = threading.Lock()

    def next(self, method: str, path: str, query: dict[str, str]) -> dict[str, Any]:
        """Return the answer for a request, and move its route on to the next one."""
        fitting = [
            (len(wanted), answers)
            for (verb, place, wanted), answers in self._routes
            if (verb, place) == (method, path) and wanted.items() <= query.items()
        ]
        if not fitting:
            return NOT_FOUND
        answers = max(fitting, key=lambda found: found[0])[1]
        with self._lock:
            return answers.pop(0) if len(answers) > 1 else answers[0]


def _route(key: str) -> tuple[str, str, dict[str, str]]:
    method, _, target = key.partition(" ")
    parts = urlsplit(target)
    return method, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True))


class ScriptedServer(ThreadingHTTPServer):
    """Answers by the script and tells each request to the channel."""

    daemon_threads = True
    server_name = "localhost"

    def __init__(self, script: Script, channel: Channel) -> None:
        super().__init__(("127.0.0.1", 0), ScriptedHandler)
        self._script = script
        self._channel = channel
        self._lock = threading.Lock()
        self._recorded = 0
        self._started = time.monotonic()

    def server_bind(self) -> None:
        """Bind without the look-up of the host's name, which may wait for a name server."""
        socketserver.TCPServer.server_bind(self)
        self.server_port = self.server_address[1]

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Record the request, then return what the script has for it."""
        with self._lock:
            self._recorded += 1
            if self._recorded <= MAX_RECORDED:
                self._channel.send({**request, "at": time.monotonic() - self._started})
        return self._script.next(request["method"], request["path"], request["query"])

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that hangs up is part of the lesson, not a fault."""


class ScriptedHandler(BaseHTTPRequestHandler):
    """One connection to the scripted server."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ScriptedServer

    def handle_one_request(self) -> None:
        """Read a request, record it, answer it by the script; any method is taken."""
        self.raw_requestline = self.rfile.readline(MAX_BODY_BYTES)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        parts = urlsplit(self.path)
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), MAX_BODY_BYTES))
        request = {
            "method": self.command,
            "path": parts.path,
            "query": dict(parse_qsl(parts.query, keep_blank_values=True)),
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": body.decode(errors="replace"),
        }
        self._give(self.server.answer(request))

    def _give(self, answer: dict[str, Any]) -> None:
        time.sleep(answer.get("delay", 0))
        if answer.get("drop"):
            self.close_connection = True
            return
        headers = {"content-type": "application/json", **answer.get("headers", {})}
        body = (answer["body"] if "body" in answer else json.dumps(answer.get("json"))).encode()
        self.send_response(answer.get("status", 200))
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing: what matters is recorded."""

"""A small Milepost service, faithful to the real one's API, and nbgrader run against it."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
import nbformat
import pytest
from jupyterlab_milepost.archive import digest, inspect
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

COURSE = "backend-python"
PREFIX = "/services/milepost/api/v1"


class ProblemError(Exception):
    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


@dataclass
class FakeService:
    """The state of the service, and what was asked of it."""

    url: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    instructors: set[str] = field(default_factory=set)
    courses: list[str] = field(default_factory=lambda: [COURSE])
    catalogue: set[str] = field(default_factory=lambda: {f"p{n}" for n in range(1, 10)})
    """Projects that the course's sources have: only these can be released."""
    archives: dict[tuple[str, str], bytes] = field(default_factory=dict)
    locked: dict[str, str] = field(default_factory=dict)
    notebooks: dict[str, str] = field(default_factory=dict)
    submissions: list[dict] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)
    keys: dict[tuple, dict] = field(default_factory=dict)
    grades: dict[int, dict] = field(default_factory=dict)
    progress: list[dict] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    faults: list[int] = field(default_factory=list)
    """Statuses to answer with, one for each coming call; 0 drops the connection, and -1 drops
    it after the work is done."""
    page: int = 2

    def sign_up(self, username: str, *, instructor: bool = False) -> None:
        self.tokens[f"token-of-{username}"] = username
        if instructor:
            self.instructors.add(username)

    def answer(self, method: str, address: str, headers, body: bytes):  # noqa: C901, PLR0911
        """Return (status, media type, body, headers). Raises ProblemError."""
        url = urlsplit(address)
        query = dict(parse_qsl(url.query))
        user = self.tokens.get(headers.get("Authorization", "").removeprefix("token "))
        if user is None:
            raise ProblemError(401, "Sign in first.")
        parts = [unquote(part) for part in url.path.removeprefix(PREFIX).strip("/").split("/")]
        match method, parts:
            case "GET", ["courses"]:
                return self.items([{"slug": slug, "title": slug} for slug in self.courses], query)
            case "GET", ["projects"]:
                items = [{"id": n, "slug": p} for n, (_, p) in enumerate(self.archives, 1)]
                return self.items(items, query)
            case "POST", ["progress"]:
                self.progress.append({"user": user} | json.loads(body))
                return 200, "application/json", b"{}", {}
            case "GET", ["courses", course, "projects"]:
                return self.items(self.projects(course), query)
            case _, ["courses", course, "projects", project, "archive"]:
                return self.project(method, user, course, project, body)
            case "POST", ["courses", course, "projects", project, "submissions"]:
                return self.submit(user, course, project, headers["Idempotency-Key"], body)
            case "GET", ["submissions"]:
                return self.items(self.listed(user, query), query)
            case "GET", ["submissions", number]:
                item = self.submission(user, number)
                item = {"steps": [], "message": ""} | item | self.grades.get(item["id"], {})
                return 200, "application/json", json.dumps(item).encode(), {}
            case _, ["submissions", number, kind]:
                return self.of_submission(method, user, number, kind, body)
        raise ProblemError(404, f"There is nothing at {url.path}.")

    def fail_with(self, fault: int | None) -> None:
        if fault and fault > 0:
            raise ProblemError(fault, "The service is being restarted.")

    def items(self, items: list, query: dict):
        start = int(query.get("cursor", "0"))
        end = start + min(int(query.get("limit", "1000")), self.page)
        body = {"items": items[start:end], "next": str(end) if end < len(items) else None}
        return 200, "application/json", json.dumps(body).encode(), {}

    def projects(self, course: str) -> list[dict]:
        if course not in self.courses:
            raise ProblemError(404, f"There is no course {course}.")
        return [
            {
                "slug": slug,
                "title": slug.title(),
                "sha256": digest(data),
                "size": len(data),
                "files": len(inspect(data)),
                "released_at": "2026-01-01T00:00:00Z",
                "state": "locked" if slug in self.locked else "not_started",
                "notebook": self.notebooks.get(slug, "project.ipynb"),
            }
            for (of, slug), data in self.archives.items()
            if of == course
        ]

    def project(self, method: str, user: str, course: str, project: str, body: bytes):
        if method == "GET":
            if project in self.locked:
                raise ProblemError(403, self.locked[project])
            if (course, project) not in self.archives:
                raise ProblemError(404, f"There is no project {project} in {course}.")
            data = self.archives[course, project]
            return 200, "application/gzip", data, {"ETag": f'"{digest(data)}"'}
        if user not in self.instructors:
            raise ProblemError(403, f"Only instructors of {course} may do this.")
        if course not in self.courses or project not in self.catalogue:
            raise ProblemError(
                404,
                f"The course {course} has no project {project}. Projects come from the course's "
                f"sources: have `milepost course build {course}` run, then release again.",
            )
        if method == "PUT":
            inspect(body)
            self.archives[course, project] = body
            return 200, "application/json", json.dumps({"sha256": digest(body)}).encode(), {}
        if self.archives.pop((course, project), None) is None:
            raise ProblemError(404, f"The project {project} is not released.")
        return 204, "application/json", b"", {}

    def submit(self, user: str, course: str, project: str, key: str, body: bytes):
        if project in self.locked:
            raise ProblemError(403, self.locked[project])
        inspect(body)
        known = self.keys.get((user, project, key))
        if known and known["sha256"] != digest(body):
            raise ProblemError(409, "This key was used for other content.")
        if known is None:
            at = datetime(2026, 11, 22, 12, 0, 0, 123456, UTC)
            at += timedelta(minutes=len(self.submissions))
            known = {
                "id": len(self.submissions) + 1,
                "course": course,
                "project": project,
                "username": user,
                "sha256": digest(body),
                "submitted_at": at.isoformat().replace("+00:00", "Z"),
                "state": "queued",
                "url": f"/services/milepost/submissions/{len(self.submissions) + 1}",
            }
            self.keys[user, project, key] = known
            self.blobs[known["sha256"]] = body
            self.submissions.append(known | {"feedback": None})
        return 202, "application/json", json.dumps(known).encode(), {}

    def listed(self, user: str, query: dict) -> list[dict]:
        found = [
            item
            for item in reversed(self.submissions)
            if (item["username"] == user or user in self.instructors)
            and all(item[k] == query.get(k, item[k]) for k in ("course", "project", "username"))
        ]
        if query.get("latest") == "true":
            newest = {(item["username"], item["project"]): item for item in reversed(found)}
            found = list(newest.values())
        return found

    def submission(self, user: str, number: str) -> dict:
        for item in self.submissions:
            if str(item["id"]) == number and user in {item["username"], *self.instructors}:
                return item
        raise ProblemError(404, "There is no such submission.")

    def of_submission(self, method: str, user: str, number: str, kind: str, body: bytes):
        item = self.submission(user, number)
        if method == "PUT":
            inspect(body)
            item["feedback"] = digest(body)
            self.blobs[digest(body)] = body
            answer = {"id": item["id"], "feedback": digest(body), "state": "released"}
            return 200, "application/json", json.dumps(answer).encode(), {}
        data = self.blobs[item["sha256" if kind == "archive" else "feedback"]]
        return 200, "application/gzip", data, {"ETag": f'"{digest(data)}"'}


def handler_of(service: FakeService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_call(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            service.requests.append((self.command, self.path.removeprefix(PREFIX)))
            fault = service.faults.pop(0) if service.faults else None
            if fault == 0:
                self.close_connection = True
                return
            try:
                service.fail_with(fault)
                status, media_type, content, headers = service.answer(
                    self.command, self.path, self.headers, body
                )
            except ProblemError as problem:
                status, media_type, headers = problem.status, "application/problem+json", {}
                content = json.dumps({"title": "Refused", "detail": str(problem)}).encode()
            if fault == -1:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(content)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = handle_call  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def service() -> Iterator[FakeService]:
    state = FakeService()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(state))
    state.url = f"http://127.0.0.1:{server.server_port}{PREFIX}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Person:
    """Somebody signed in to the Hub, with a server and a home of their own."""

    service: FakeService
    name: str
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """What the Hub sets in this person's server, and little else."""
        return {
            "HOME": str(self.home),
            "PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "MILEPOST_API_URL": self.service.url,
            "MILEPOST_COURSE": COURSE,
            "JUPYTERHUB_API_TOKEN": f"token-of-{self.name}",
            "JUPYTERHUB_USER": self.name,
            "JUPYTERHUB_BASE_URL": "/hub-base/",
        }

    def nbgrader(self, *arguments: str, cwd: Path | None = None, fails: bool = False) -> str:
        """Run the real command; return its log, or its standard output for `--json`."""
        done = subprocess.run(
            [Path(sys.prefix) / "bin" / "nbgrader", *arguments],
            cwd=cwd or self.home,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert bool(done.returncode) == fails, done.stdout + done.stderr
        return done.stdout if "--json" in arguments else done.stderr

    def run(self, kind, project: str = "", *, root: Path | None = None, **options):
        """Run one exchange class in this process, and return it with its result."""
        for name, value in self.environment.items():
            os.environ[name] = value
        config = Config()
        config.CourseDirectory.assignment_id = project
        config.CourseDirectory.root = str(root or self.home)
        for name in ("student_id", "course_id"):
            if name in options:
                config.CourseDirectory[name] = options.pop(name)
        transfer = kind(
            coursedir=CourseDirectory(config=config),
            config=config,
            assignment_dir=str(self.home),
            cache=str(self.home / "cache"),
            retry_delays=[0.01, 0.01, 0.01],
            **options,
        )
        transfer.result = transfer.start()
        return transfer


@pytest.fixture
def person(service, tmp_path):
    """Make people: `person("ada")`, `person("grace", instructor=True)`."""
    before = dict(os.environ)

    def make(name: str, *, instructor: bool = False) -> Person:
        service.sign_up(name, instructor=instructor)
        home = tmp_path / "homes" / name
        home.mkdir(parents=True)
        return Person(service, name, home)

    yield make
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def source_notebook() -> str:
    """A notebook as an instructor writes it: one answer, one graded test."""
    answer = nbformat.v4.new_code_cell(
        "def double(n):\n    ### BEGIN SOLUTION\n    return 2 * n\n    ### END SOLUTION"
    )
    answer.metadata["nbgrader"] = {
        "schema_version": 3, "grade": False, "solution": True, "locked": False, "task": False,
        "grade_id": "double",
    }  # fmt: skip
    check = nbformat.v4.new_code_cell("assert double(4) == 8")
    check.metadata["nbgrader"] = {
        "schema_version": 3, "grade": True, "solution": False, "locked": True, "task": False,
        "grade_id": "double-test", "points": 10,
    }  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=[answer, check], metadata={"kernelspec": kernel})
    return nbformat.writes(notebook)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_up(client: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return client.get("/api/status").is_success
    return False


@pytest.fixture
def server(ada, tmp_path):
    """The server of the person `ada`; it was started in another folder than it serves."""
    port = free_port()
    root = ada.home / "work"
    root.mkdir()
    command = [
        sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser", f"--port={port}",
        "--ServerApp.port_retries=0", "--ServerApp.base_url=/user/ada",
        f"--ServerApp.root_dir={root}", "--IdentityProvider.token=secret",
    ]  # fmt: skip
    log = (tmp_path / "server.log").open("wb")
    process = subprocess.Popen(
        command, cwd=tmp_path, env=ada.environment, stdout=log, stderr=subprocess.STDOUT
    )
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{port}/user/ada",
        headers={"Authorization": "token secret"},
        timeout=60,
    )
    try:
        while not is_up(client):
            assert process.poll() is None, (tmp_path / "server.log").read_text()
            time.sleep(0.2)
        yield client
    finally:
        client.close()
        process.terminate()
        process.wait(30)
        log.close()

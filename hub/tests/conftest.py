"""A real platform in a scratch folder on free ports, and a visitor who fills in its forms."""

import asyncio
import html
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from milepost_hub.checks import port_problem
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

PASSWORD = "correct horse battery"


def free_ports() -> int:
    """The first of five free ports in a row, below those that connections are given."""
    while True:
        first = random.randrange(10_000, 32_000)
        if not any(port_problem("127.0.0.1", first + offset) for offset in range(5)):
            return first


class Platform:
    """`milepost-up` as an operator runs it."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self.port = free_ports()
        self.environment = environment
        self.process: subprocess.Popen[str] | None = None
        self.output = home.parent / f"{home.name}.output"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def launch(self, *arguments: str) -> subprocess.Popen[str]:
        # Without courses a start takes no time to build them.
        courses = self.home.parent / "no-courses"
        courses.mkdir(exist_ok=True)
        env = {**os.environ, "MILEPOST_COURSES": str(courses)}
        env |= {"MILEPOST_HOME": str(self.home), "PORT": str(self.port)}
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [Path(sys.prefix) / "bin" / "milepost-up", *arguments],
                env={**env, **self.environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                text=True,
            )
        return self.process

    def start(self) -> "Platform":
        self.launch()
        self.wait_until_ready()
        return self

    def wait_until_ready(self) -> None:
        process = self.process
        assert process is not None
        deadline = time.monotonic() + 150
        while "ready at" not in self.said():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the platform did not start:\n{self.said()}\n{self.logs()}")
            time.sleep(0.1)

    def said(self) -> str:
        return self.output.read_text() if self.output.exists() else ""

    def logs(self) -> str:
        return "\n".join(
            f"== {log.name}\n{log.read_text(errors='replace')[-3000:]}"
            for log in sorted((self.home / "log").glob("*.log"))
        )

    def stop(self, sig: signal.Signals = signal.SIGINT) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(sig)
        return self.process.wait(60)

    def processes(self) -> dict[int, str]:
        """Every process on this machine that belongs to this platform, by what it was told."""
        marker = f"MILEPOST_HOME={self.home}\0".encode()
        folder = str(self.home).encode()
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                environment = (entry / "environ").read_bytes()
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if (marker in environment or folder in command) and command:
                found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace")
        return found

    def visitor(self) -> "Visitor":
        return Visitor(self.url)

    def admin_password(self) -> str:
        return (self.home / "hub" / "admin-password").read_text().strip()


class Visitor(httpx.Client):
    """Somebody with a browser."""

    def __init__(self, url: str) -> None:
        super().__init__(base_url=url, follow_redirects=True, timeout=60, trust_env=False)

    def fill_in(self, page: str, **fields: str) -> httpx.Response:
        form = self.get(page)
        token = re.search(r'name="_xsrf" value="([^"]*)"', form.text)
        assert token, f"{page} has no form: {form.status_code} {form.text[:300]}"
        return self.post(page, data={**fields, "_xsrf": token[1]})

    def sign_up(self, name: str, password: str = PASSWORD) -> httpx.Response:
        return self.fill_in(
            "/hub/signup",
            username=name,
            signup_password=password,
            signup_password_confirmation=password,
        )

    def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        return self.fill_in("/hub/login", username=name, password=password)

    def open_server(self, name: str) -> None:
        """Start the own server and sign in to it."""
        answer = self.get(f"/hub/spawn/{name}")
        deadline = time.monotonic() + 60
        while "jupyter-config-data" not in answer.text:
            assert time.monotonic() < deadline, f"{answer.status_code} {answer.text[:500]}"
            time.sleep(0.2)
            answer = self.get(f"/user/{name}/lab")

    def stop_server(self, name: str) -> None:
        """Stop the own server, as the Hub's home page does."""
        self.get("/hub/home")
        token = self.cookies.get("_xsrf", path="/hub/")
        answer = self.delete(f"/hub/api/users/{name}/server", headers={"X-XSRFToken": token or ""})
        assert answer.status_code in {202, 204}, answer.text
        deadline = time.monotonic() + 30
        while self.get(f"/hub/api/users/{name}").json()["server"] is not None:
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def run_python(self, name: str, code: str) -> str:
        """Run code in a new kernel of the own server, and return what it printed."""
        token = next(
            cookie.value
            for cookie in self.cookies.jar
            if cookie.name == "_xsrf" and cookie.path == f"/user/{name}/"
        )
        headers = {"X-XSRFToken": token or ""}
        kernel = self.post(f"/user/{name}/api/kernels", headers=headers).raise_for_status().json()
        try:
            address = str(self.base_url).rstrip("/").replace("http", "ws", 1)
            channel = f"{address}/user/{name}/api/kernels/{kernel['id']}/channels"
            request = self.build_request("GET", f"/user/{name}/")
            return asyncio.run(execute(channel, request.headers["Cookie"], code))
        finally:
            self.delete(f"/user/{name}/api/kernels/{kernel['id']}", headers=headers)

    @staticmethod
    def told(answer: httpx.Response) -> str:
        """What a page says in its notice."""
        found = re.search(r'role="(?:alert|status)"[^>]*>([^<]*)', answer.text)
        return html.unescape(found[1].strip()) if found else ""


async def execute(channel: str, cookie: str, code: str) -> str:
    """Run code over a kernel's WebSocket, as JupyterLab does."""
    connection = await websocket_connect(HTTPRequest(channel, headers={"Cookie": cookie}))
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
    header = {"msg_id": "1", "msg_type": "execute_request", "session": "1", "username": ""}
    message = {"channel": "shell", "header": {**header, "version": "5.4"}, "content": content}
    await connection.write_message(
        json.dumps({**message, "parent_header": {}, "metadata": {}, "buffers": []})
    )
    printed = ""
    while True:
        answer = json.loads(await asyncio.wait_for(connection.read_message(), 60) or "{}")
        if answer["parent_header"].get("msg_id") != "1":
            continue
        if answer["msg_type"] == "stream":
            printed += answer["content"]["text"]
        elif answer["msg_type"] == "error":
            printed += "\n".join(answer["content"]["traceback"])
        elif answer["msg_type"] == "execute_reply":
            return printed


@pytest.fixture(scope="session")
def make_platform() -> type[Platform]:
    """For tests whose platform has settings of its own."""
    return Platform


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """One platform for a module's tests."""
    running = Platform(tmp_path_factory.mktemp("platform") / "home").start()
    yield running
    running.stop()


@pytest.fixture
def scratch_platform(tmp_path: Path) -> Iterator[Callable[..., Platform]]:
    """Platforms for one test, which may end them as it likes."""
    made: list[Platform] = []

    def make(**environment: str) -> Platform:
        made.append(Platform(tmp_path / f"home{len(made)}", **environment))
        return made[-1]

    yield make
    for one in made:
        if one.process is not None:
            one.stop()

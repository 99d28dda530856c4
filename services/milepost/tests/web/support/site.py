"""A site of its own for the tests: a real Hub and proxy, and the service beside the test."""

import asyncio
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from milepost.adapters.blobs import FolderBlobs
from milepost.adapters.bus import LocalBus
from milepost.adapters.sql import migrate
from milepost.adapters.sql.store import SqlStore
from milepost.usecases.deps import Deps
from milepost.web.application import make_application
from milepost.web.server import serve
from milepost.web.settings import WebSettings

HERE = Path(__file__).parent
REPO = Path(__file__).parents[5]
PREFIX = "/services/milepost/"
COURSES = {"backend": "ines", "hostile": "otto"}
"""Each course's instructor."""
LEARNERS = ("ada", "bob")
ADMIN = "root"
SECONDS_TO_START = 60


@dataclass
class Site:
    """Where everything is, and the tokens of everybody."""

    url: str
    service_url: str
    deps: Deps
    password: str
    tests_token: str
    environment: dict[str, str]
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def api(self) -> str:
        """The API under the service's prefix, through the proxy."""
        return f"{self.url}{PREFIX}api/v1"

    def learner(self) -> str:
        """Return the name of a learner who was never here before."""
        name = f"learner-{secrets.token_hex(4)}"
        self._hub("POST", f"users/{name}")
        self.know(name)
        return name

    def know(self, name: str) -> None:
        """Get a token for a user of the Hub."""
        self.tokens[name] = str(self._hub("POST", f"users/{name}/tokens")["token"])

    def _hub(self, method: str, path: str) -> Any:
        headers = {"Authorization": f"token {self.tests_token}"}
        answer = httpx.request(method, f"{self.url}/hub/api/{path}", headers=headers, json={})
        answer.raise_for_status()
        return answer.json()

    def client(self, name: str | None = None, **options: Any) -> httpx.Client:
        """Return a client of the API with somebody's token, or with none."""
        headers = {"Authorization": f"token {self.tokens[name]}"} if name else {}
        return httpx.Client(base_url=self.api, headers=headers, timeout=30, **options)


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """Start the site, and end all of it."""
    facts = _facts(folder)
    with _hub(facts, folder), _service(facts, folder) as deps:
        site = Site(
            url=f"http://127.0.0.1:{facts['port']}",
            service_url=f"http://127.0.0.1:{facts['service_port']}",
            deps=deps,
            password=facts["password"],
            tests_token=facts["tests_token"],
            environment=_hub_environment(facts),
        )
        _wait_for(f"{site.service_url}{PREFIX}api/v1/health")
        _wait_for(f"{site.url}/hub/api/")
        for name in facts["users"]:
            site.know(name)
        yield site


def _facts(folder: Path) -> dict[str, Any]:
    names = ("port", "hub_port", "proxy_port", "service_port")
    node = shutil.which("node") or "node"
    proxy = REPO / "node_modules/configurable-http-proxy/bin/configurable-http-proxy"
    return dict(zip(names, free_ports(len(names)), strict=True)) | {
        "folder": str(folder),
        "courses": COURSES,
        "users": [*LEARNERS, *COURSES.values(), ADMIN],
        "proxy": [node, str(proxy)],
        "password": secrets.token_hex(8),
        "tests_token": secrets.token_hex(16),
        "service_token": secrets.token_hex(16),
    }


@contextmanager
def _hub(facts: dict[str, Any], folder: Path) -> Iterator[None]:
    log = (folder / "hub.log").open("wb")
    hub = subprocess.Popen(
        [sys.executable, "-m", "jupyterhub", "-f", str(HERE / "jupyterhub_config.py")],
        cwd=folder,
        env={**os.environ, "MILEPOST_TEST_SITE": json.dumps(facts)},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        with closing(log):
            yield
    except BaseException:
        sys.stderr.write((folder / "hub.log").read_text()[-4000:])
        raise
    finally:
        hub.send_signal(signal.SIGTERM)
        hub.wait(timeout=30)


def _hub_environment(facts: dict[str, Any]) -> dict[str, str]:
    """Return what the Hub would set for a service that it starts itself."""
    return {
        "JUPYTERHUB_SERVICE_NAME": "milepost",
        "JUPYTERHUB_SERVICE_PREFIX": PREFIX,
        "JUPYTERHUB_API_TOKEN": facts["service_token"],
        "JUPYTERHUB_API_URL": f"http://127.0.0.1:{facts['hub_port']}/hub/api",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_CLIENT_ID": "service-milepost",
        "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{PREFIX}oauth_callback",
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": json.dumps(
            ["access:services", "access:services!service=milepost"]
        ),
    }


@contextmanager
def _service(facts: dict[str, Any], folder: Path) -> Iterator[Deps]:
    database = f"sqlite:///{folder / 'milepost.sqlite'}"
    migrate.upgrade(database)
    store = SqlStore(database)
    deps = Deps(store, LocalBus(), FolderBlobs(folder / "blobs"), lambda: datetime.now(UTC))
    settings = WebSettings(cookie_secret=b"tests" * 8)
    with running_service(deps, facts["service_port"], settings, _hub_environment(facts)):
        yield deps
    deps.bus.close()
    store.close()


@contextmanager
def running_service(
    deps: Deps, port: int, settings: WebSettings, environment: dict[str, str]
) -> Iterator[None]:
    """Serve the application in a thread with an event loop of its own."""
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        with _set(environment):
            application = make_application(deps, settings)
            # HubOAuth reads each variable when it is first asked for the trait.
            application.settings["services"].hub.trait_values()
        await serve(application, address="127.0.0.1", port=port, stop=stop)

    thread = threading.Thread(target=lambda: asyncio.Runner(loop_factory=lambda: loop).run(run()))
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=30)


@contextmanager
def _set(environment: dict[str, str]) -> Iterator[None]:
    """Set variables for as long as the block runs, so that no other test sees them."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _wait_for(url: str) -> None:
    ends = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < ends:
        try:
            if httpx.get(url, timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer within {SECONDS_TO_START} s")

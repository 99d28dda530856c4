"""Fixtures and rules for every package's tests."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

REQUIRED = {name for name in os.environ.get("MILEPOST_REQUIRE", "").split(",") if name}

SERVER_SECONDS = 30
"""How long a private server may take to answer."""


def _answers(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0


def _postgres_bin() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest version's, or None."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4])
    )
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        return None
    return found[-1].parent if found else Path(str(on_path)).parent


PROBES: dict[str, Callable[[], bool]] = {
    "docker": lambda: _answers("docker", "info"),
    "postgres": lambda: _postgres_bin() is not None,
    "redis": lambda: _answers("redis-server", "--version"),
    "chromium": lambda: _answers("chromium", "--version"),
    "bubblewrap": lambda: _answers("bwrap", "--ro-bind", "/", "/", "true"),
}


def require(name: str) -> None:
    """Skip the test where `name` is not on this machine; fail where MILEPOST_REQUIRE lists it."""
    if PROBES[name]():
        return
    message = f"{name} is not available on this machine"
    if name in REQUIRED:
        pytest.fail(f"{message}, although MILEPOST_REQUIRE lists it", pytrace=False)
    pytest.skip(message)


class PostgresServer:
    """A private PostgreSQL, reached by a socket in a folder of its own."""

    SETTINGS = (
        "-c listen_addresses= -c fsync=off -c full_page_writes=off -c synchronous_commit=off "
        "-c max_connections=200 -c timezone=Asia/Kolkata"
    )

    def __init__(self, folder: Path) -> None:
        self._bin = _postgres_bin()
        self._folder = folder
        self._data = folder / "data"
        # PostgreSQL refuses to run as root; Debian's package brings an account for it.
        self._user = "postgres" if os.getuid() == 0 else None
        self._names = count(1)
        if self._user:
            shutil.chown(folder, self._user, self._user)
        self._run("initdb", "--auth=trust", "--username=postgres", "--no-sync", "--encoding=UTF8")
        self._run("pg_ctl", "start", "-w", "-l", f"{folder}/log", "-o", self._options)

    @property
    def _options(self) -> str:
        return f"{self.SETTINGS} -k {self._folder}"

    def database(self, template: str = "template0") -> str:
        """Make a new database, empty or a copy of the one called `template`; return its URL."""
        name = f"test{next(self._names)}"
        self._run("createdb", "--template", template, name, data=False)
        return f"postgresql+psycopg2://postgres@/{name}?host={self._folder}"

    def stop(self) -> None:
        """End the server and every connection to it."""
        self._run("pg_ctl", "stop", "-m", "immediate")

    def _run(self, program: str, *arguments: str, data: bool = True) -> None:
        where = ["-D", str(self._data)] if data else ["-h", str(self._folder), "-U", "postgres"]
        done = subprocess.run(
            [f"{self._bin}/{program}", *where, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self._folder,
            user=self._user,
            group=self._user,
            extra_groups=[] if self._user else None,
            timeout=120,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"


class RedisServer:
    """A private Redis on a port of its own, which tests may stop and start again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Start the server, on the same port as ever, and wait until it answers."""
        command = ["redis-server", "--port", str(self._port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self._folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + SERVER_SECONDS
        while not self._is_up():
            assert self._process.poll() is None, "redis-server ended at its start"
            assert time.monotonic() < deadline, "redis-server does not answer"
            time.sleep(0.02)

    def stop(self) -> None:
        """End the server and every connection to it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(SERVER_SECONDS)
            self._process = None

    def _is_up(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    require("postgres")
    # Not below pytest's own folder: that one is closed to the account that runs PostgreSQL.
    folder = Path(tempfile.mkdtemp(prefix="milepost-pg-"))
    server = PostgresServer(folder)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    require("redis")
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The URL of a running Redis."""
    return redis_server.url

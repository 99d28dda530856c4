"""The platform as `make up` starts it, on free ports and in a folder of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from docker.models.containers import Container
from milepost_hub.containers import Containers
from milepost_hub.deployment import deployment_name
from milepost_hub.settings import Settings

from tests.support import containers, processes

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = ROOT / ".venv" / "bin" / "milepost-up"
READY_SECONDS = 120
STOP_SECONDS = 45


class PlatformError(AssertionError):
    """The platform did not start, or did not end, as promised; the message holds the logs."""


def free_ports(count: int = 5, *, host: str = "127.0.0.1") -> int:
    """Return the first of `count` ports in a row that nothing listens on."""
    for first in range(20000 + os.getpid() % 9000, 60000, count + 1):
        with ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    probe = stack.enter_context(socket.socket())
                    probe.bind((host, port))
            except OSError:
                continue
            return first
    raise PlatformError("no free ports on this machine")


@dataclass
class Platform:
    """One platform. As a context manager it starts, and stops with everything it started."""

    profile: str = "embedded"
    home: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="milepost-e2e-")))
    port: int = field(default_factory=free_ports)
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: set[processes.Process] = field(default_factory=set)
    volumes: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The address that people open, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        """The API's root, as it stands on the public address."""
        return f"{self.url}/api/v1"

    @property
    def log(self) -> Path:
        """What the launcher and everything below it printed."""
        return self.home.with_name(self.home.name + ".log")

    @property
    def admin_password(self) -> str:
        """The password that the first start made up."""
        return (self.home / "hub" / "admin-password").read_text().strip()

    def environment(self) -> dict[str, str]:
        """Return the launcher's environment: ours without other platforms' settings."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MILEPOST_", "JUPYTER", "KERNEL_SANDBOX"))
        }
        return {
            **kept,
            "PORT": str(self.port),
            "MILEPOST_HOME": str(self.home),
            "MILEPOST_PROFILE": self.profile,
            **self.settings,
        }

    @property
    def deployment(self) -> str:
        """The name that its containers, their network and their volumes carry in Docker."""
        return deployment_name(self.home)

    def launch(self) -> None:
        """Start the launcher, without waiting."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(LAUNCHER), "--with-parent"],
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_hear_ctrl_c,  # noqa: PLW1509
            )

    def start(self) -> Self:
        """Start, and wait until the Hub and the service answer."""
        self.launch()
        self.wait_until_ready()
        return self

    def wait_until_ready(self, seconds: float = READY_SECONDS) -> None:
        """Wait until the Hub and the service answer; raise PlatformError with the logs if not."""
        end = time.monotonic() + seconds
        answer = "nothing answered"
        while time.monotonic() < end:
            if self.process is not None and self.process.poll() is not None:
                raise PlatformError(self.report(f"it ended with {self.process.returncode}"))
            try:
                hub = httpx.get(f"{self.url}/hub/api/", timeout=5)
                service = httpx.get(f"{self.api}/ready", timeout=5)
                if hub.status_code == service.status_code == httpx.codes.OK:
                    return
                answer = f"Hub {hub.status_code}, service {service.status_code} {service.text}"
            except httpx.HTTPError as error:
                answer = repr(error)
            time.sleep(0.2)
        raise PlatformError(self.report(f"not ready after {seconds:.0f} s: {answer}"))

    def running(self) -> set[processes.Process]:
        """Return every process of this platform that runs now."""
        found = processes.mentioning(self.home)
        if self.process is not None:
            found |= processes.tree(self.process.pid)
        self.started |= found
        self.volumes |= {name for one in self._containers() for name in containers.volumes(one)}
        return found

    def stop(self, *, how: signal.Signals = signal.SIGINT) -> None:
        """Press Ctrl-C and check that every process is gone; raise PlatformError if not."""
        if self.process is None:
            return
        self.running()
        self.process.send_signal(how)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise PlatformError(
                self.report(f"still running {STOP_SECONDS} s after Ctrl-C")
            ) from None
        left = processes.wait_until_gone(self.started | processes.mentioning(self.home), 5)
        self.process = None
        names = [*map(str, left), *(str(one.name) for one in self._containers())]
        if names:
            self.kill()
            raise PlatformError(self.report("Ctrl-C left running:\n" + "\n".join(names)))

    def kill(self) -> None:
        """Kill everything of this platform, whatever state it is in."""
        for process in self.running() | self.started:
            if process.alive():
                os.kill(process.pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait()
            self.process = None

    def _containers(self) -> list[Container]:
        return containers.of_network(self.deployment) if self._has_containers() else []

    def _has_containers(self) -> bool:
        return self.profile == "docker" and (self.home / "hub" / "deployment").exists()

    def remove(self) -> None:
        """Delete the folder, the log, and what Docker keeps of the platform."""
        if self._has_containers():
            # What a launcher that was killed could not take back.
            Containers(Settings.from_env(self.environment())).end()
            containers.remove(self.deployment, self.volumes)
        shutil.rmtree(self.home, ignore_errors=True)
        self.log.unlink(missing_ok=True)

    def report(self, what: str) -> str:
        """Return `what`, and the tails of every log."""
        logs = [self.log, *sorted((self.home / "log").glob("*"))]
        return "\n".join([f"The platform at {self.url}: {what}", *map(_tail, logs)])

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.kill()
            self.remove()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            print(self.report("its logs, because of an error"), file=sys.stderr)  # noqa: T201
        try:
            self.stop()
        finally:
            self.remove()


def _hear_ctrl_c() -> None:
    """Undo what a shell does to a program in the background, which is to have Ctrl-C ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _tail(path: Path, lines: int = 60) -> str:
    if not path.is_file():
        return f"--- {path}: not there"
    kept = path.read_text(errors="replace").splitlines()[-lines:]
    return "\n".join([f"--- {path}", *kept])

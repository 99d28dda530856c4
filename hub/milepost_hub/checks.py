"""What has to be right before anything is started: one clear sentence each where it is not."""

import errno
import os
import socket
import tempfile
import time
from pathlib import Path

from milepost_hub import isolation
from milepost_hub.errors import SetupError
from milepost_hub.firewall import require_firewall
from milepost_hub.network import docker_client
from milepost_hub.node import find_node
from milepost_hub.settings import LOOPBACK, REPO, Settings

FOLDERS = ("hub", "milepost", "courses", "learners", "log")
PRIVATE = 0o700
CHECK_SECONDS = 0.2


def check_all(settings: Settings) -> list[str]:
    """Return warnings; raise SetupError for what would keep the platform from running."""
    find_node()
    if not (REPO / "node_modules" / "configurable-http-proxy").is_dir():
        raise SetupError("The proxy is not installed: start with `make up`, which installs it.")
    if not settings.learner_python.exists():
        raise SetupError(
            f"The learners' Python {settings.learner_python} is missing: "
            "start with `make up`, which installs it."
        )
    if settings.profile == "docker":
        return _check_docker(settings)
    _, warning = isolation.choose(settings)
    return [warning] if warning else []


def _check_docker(settings: Settings) -> list[str]:
    docker_client()
    if settings.firewall:
        require_firewall()
        return []
    return ["Learners' containers can reach all ports of this machine: MILEPOST_FIREWALL is off."]


def prepare_home(home: Path) -> None:
    """Make MILEPOST_HOME and its folders, private to whoever runs the platform.

    Raises SetupError where that is not possible.
    """
    try:
        for folder in (home, *(home / name for name in FOLDERS)):
            folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        raise SetupError(
            f"The folder {home} cannot be written to ({os.strerror(error.errno or 0)}): "
            "make it writable, or choose another with MILEPOST_HOME=/some/folder."
        ) from error


def check_ports(settings: Settings, inner: str = LOOPBACK, patience: float = 0) -> None:
    """Raise SetupError that names the first port that is taken, and what it is for.

    `inner` is the address of the Hub and the service. Ports that something is about to leave
    are waited for, `patience` seconds in all.
    """
    deadline = time.monotonic() + patience
    uses = [
        (settings.ip, settings.port, "the platform itself"),
        (inner, settings.hub_port, "the Hub"),
        (LOOPBACK, settings.proxy_api_port, "the proxy"),
        (inner, settings.service_port, "the Milepost service"),
        (LOOPBACK, settings.book_port, "the book"),
    ]
    for ip, port, use in uses:
        while (reason := port_problem(ip, port)) and time.monotonic() < deadline:
            time.sleep(CHECK_SECONDS)
        if reason:
            raise SetupError(
                f"Port {port} on {ip} (for {use}) {reason}: choose five others in a row "
                f"with PORT={settings.port + 10}, or end what uses it."
            )


def port_problem(ip: str, port: int) -> str:
    """Say why a port cannot be listened on; empty if it can."""
    with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ip, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return "is in use"
            return f"cannot be used ({error.strerror})"
    return ""

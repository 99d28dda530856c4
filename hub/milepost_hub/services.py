"""The services that the Hub starts, watches and stops."""

import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from milepost_hub import tied
from milepost_hub.settings import LOOPBACK, REPO, Settings

PREFIX = "/services/milepost/"
BOOK_PREFIX = "/services/book/"


def tied_command(
    settings: Settings, log: str, *command: str, options: Sequence[str] = ()
) -> list[str]:
    """Return the command as one that ends with this process, the Hub, if that starts it.

    It writes to `log/<log>.log`.
    """
    file = settings.home / "log" / f"{log}.log"
    start = [sys.executable, "-I", "-S", tied.__file__, "--log", str(file)]
    start += ["--parent", str(os.getpid())]
    return [*start, *options, "--", *command]


def milepost_environment(settings: Settings) -> dict[str, str]:
    """Return what Milepost's service and command line are told beside the Hub's variables.

    What the operator set of the service's own settings passes through: the Hub hands its
    services nothing of its environment by itself.
    """
    told = {name: value for name, value in os.environ.items() if name.startswith("MILEPOST_")}
    return {
        **told,
        "MILEPOST_IP": settings.ip,
        "MILEPOST_HOME": str(settings.home),
        "MILEPOST_PROFILE": settings.profile,
        "MILEPOST_COURSES": str(settings.courses),
        "MILEPOST_BOOK": str(settings.book),
        "MILEPOST_LEARNER_PYTHON": str(settings.learner_python),
        "MILEPOST_SANDBOX": settings.sandbox,
        "MILEPOST_SANDBOX_IMAGE": settings.sandbox_image,
        "MILEPOST_DATABASE_URL": settings.database_url,
        "MILEPOST_REDIS_URL": settings.redis_url,
        "MILEPOST_DEV": "1" if settings.dev else "",
    }


def milepost_command() -> str:
    """Return the `milepost` of the environment that the Hub itself runs in."""
    return str(Path(sys.prefix) / "bin" / "milepost")


def milepost_service(settings: Settings, ip: str, scopes: Sequence[str]) -> dict[str, Any]:
    """Return the service that learners use: pages, API and worker. It listens on `ip`.

    Of what a user may do, it is told and may do in their name what is in `scopes`.
    """
    return {
        "name": "milepost",
        "url": f"http://{ip}:{settings.service_port}",
        "command": tied_command(
            settings, "service", milepost_command(), "all", options=_kept(settings)
        ),
        "environment": milepost_environment(settings),
        "oauth_no_confirm": True,
        "oauth_client_allowed_scopes": list(scopes),
        "display": False,
    }


def _kept(settings: Settings) -> list[str]:
    """Return how the service is kept running; for developers also anew when its code changes."""
    folders = [REPO / "services", REPO / "extensions"] if settings.dev else []
    return ["--keep", *(option for folder in folders for option in ("--watch", str(folder)))]


def book_service(settings: Settings) -> dict[str, Any]:
    """Return the service that shows the concept book to everybody, signed in or not.

    Only the proxy talks to it, so it is not on the learners' network.
    """
    command = [sys.executable, "-m", "milepost_hub.book", str(settings.built_book)]
    return {
        "name": "book",
        "url": f"http://{LOOPBACK}:{settings.book_port}",
        "command": tied_command(settings, "book", *command),
        "display": False,
    }


def idle_culler(settings: Settings) -> dict[str, Any]:
    """Return the service that stops servers unused for `settings.idle_minutes`."""
    # It looks after half that time, in whole seconds.
    seconds = max(2, math.ceil(settings.idle_minutes * 60))
    command = [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={seconds}"]
    return {
        "name": "idle-culler",
        "command": tied_command(settings, "idle-culler", *command),
        "display": False,
    }

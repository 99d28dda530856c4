"""How learners' servers are started: as local processes, or as containers."""

import logging

from milepost_hub.errors import SetupError
from milepost_hub.settings import Settings
from milepost_hub.spawners import bubblewrap
from milepost_hub.spawners.local import LocalServer

__all__ = ["choose_local_spawner"]

log = logging.getLogger("milepost")


def choose_local_spawner(settings: Settings) -> type[LocalServer]:
    """Return the spawner of the embedded profile: bubblewrap where it works.

    Raises SetupError where learners could not be kept apart and others can reach the platform,
    or where the settings ask for a bubblewrap that does not work.
    """
    problem = "" if settings.isolation == "process" else bubblewrap.problem()
    if settings.isolation != "process" and not problem:
        return bubblewrap.BubblewrapServer
    if settings.isolation == "bubblewrap":
        raise SetupError(f"MILEPOST_ISOLATION is bubblewrap, but {problem}.")
    if not settings.loopback_only:
        raise SetupError(
            f"MILEPOST_IP is {settings.ip}, so that others can reach the platform, but learners "
            f"cannot be kept apart here ({problem or 'MILEPOST_ISOLATION is process'}): install "
            "bubblewrap, or use MILEPOST_PROFILE=docker, or MILEPOST_IP=127.0.0.1."
        )
    log.warning(
        "Learners' servers are plain processes that can read each other's files (%s).",
        problem or "MILEPOST_ISOLATION is process",
    )
    return LocalServer

"""What keeps learners' local servers apart on this machine."""

import os
from typing import Literal

from milepost_hub.errors import SetupError
from milepost_hub.settings import Settings
from milepost_hub.spawners import sandbox

Walls = Literal["bubblewrap", "process"]


def choose(settings: Settings) -> tuple[Walls, str]:
    """Return bubblewrap where it works; else plain processes, with a warning that says so.

    Raises SetupError where learners could not be kept apart and others can reach the platform,
    where they would be root without anybody having asked for that, or where the settings ask for
    a bubblewrap that does not work.
    """
    reason = "MILEPOST_ISOLATION is process"
    if settings.isolation != "process":
        reason = sandbox.problem()
    if not reason:
        return "bubblewrap", ""
    if settings.isolation == "bubblewrap":
        raise SetupError(f"MILEPOST_ISOLATION is bubblewrap, but {reason}.")
    if not settings.loopback_only:
        raise SetupError(
            f"MILEPOST_IP is {settings.ip}, so that others can reach the platform, but learners "
            f"cannot be kept apart here ({reason}): install bubblewrap, or use "
            "MILEPOST_PROFILE=docker, or MILEPOST_IP=127.0.0.1."
        )
    return "process", without_walls(settings, reason, root=os.geteuid() == 0)


def without_walls(settings: Settings, reason: str, *, root: bool) -> str:
    """Say what plain processes mean here. Raises SetupError where root has to ask for them."""
    if not root:
        return f"Learners' servers can read each other's files here, as {reason}."
    if settings.isolation != "process":
        raise SetupError(
            f"Learners' servers would run as root here, as {reason}: install bubblewrap, or run "
            "the platform as another user, or ask for it with MILEPOST_ISOLATION=process."
        )
    return (
        f"Every learner's server runs as root and can change anything on this machine, as {reason}."
    )

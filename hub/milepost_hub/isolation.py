"""What keeps learners' local servers apart on this machine."""

from typing import Literal

from milepost_hub.errors import SetupError
from milepost_hub.settings import Settings
from milepost_hub.spawners import sandbox

Walls = Literal["bubblewrap", "process"]


def choose(settings: Settings) -> tuple[Walls, str]:
    """Return bubblewrap where it works; else plain processes, with a warning that says so.

    Raises SetupError where learners could not be kept apart and others can reach the platform,
    or where the settings ask for a bubblewrap that does not work.
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
    return "process", f"Learners' servers can read each other's files here, as {reason}."

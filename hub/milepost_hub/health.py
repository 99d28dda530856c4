"""Waiting until the platform answers."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable

from milepost_hub.services import PREFIX
from milepost_hub.settings import Settings

INTERVAL = 0.2


def unanswered(settings: Settings) -> list[tuple[str, str]]:
    """Return name and log of each part that does not answer through the proxy yet."""
    parts = {
        ("the Hub", "hub.log"): "hub/api/health",
        ("the Milepost service", "service.log"): f"{PREFIX.lstrip('/')}api/v1/ready",
    }
    return [part for part, path in parts.items() if not _answers(settings.url + path)]


def wait_until_ready(settings: Settings, go_on: Callable[[], bool], patience: float) -> bool:
    """Wait until every part answers; False if `go_on` says no or patience runs out first."""
    deadline = time.monotonic() + patience
    while unanswered(settings):
        if time.monotonic() > deadline or not go_on():
            return False
        time.sleep(INTERVAL)
    return True


def _answers(url: str) -> bool:
    # No proxy of the environment stands between a machine and itself.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False

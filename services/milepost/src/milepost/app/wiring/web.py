"""The web side, as the settings choose it."""

import os
import secrets
from pathlib import Path

from milepost.config import Milepost
from milepost.web.settings import WebSettings


def web_settings(settings: Milepost) -> WebSettings:
    """Return what the web side is told. Raises OSError where the secret cannot be kept."""
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX") or "/services/milepost/"
    secret = _kept_secret(settings.state_folder / "cookie-secret")
    return WebSettings(cookie_secret=secret, prefix=prefix)


def _kept_secret(path: Path) -> bytes:
    """Return the secret in the file, which the first process to come here makes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
    return path.read_bytes()

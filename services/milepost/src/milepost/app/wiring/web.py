"""The web side, as the settings choose it."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from milepost.config import Milepost, SettingsError
from milepost.web.settings import WebSettings

SECRET_BYTES = 32


def web_settings(settings: Milepost) -> WebSettings:
    """Return what the web side is told. Raises OSError where the secret cannot be kept."""
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX") or "/services/milepost/"
    secret = kept_secret(settings.state_folder / "cookie-secret")
    return WebSettings(cookie_secret=secret, prefix=prefix)


def kept_secret(path: Path) -> bytes:
    """Return the secret in the file, which the first process to come here makes.

    It gets its name when it is on the disk, so that no end leaves an empty or a shorter one;
    raises SettingsError where somebody else left such a file.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Made readable by its owner alone (0600).
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(SECRET_BYTES))
                file.flush()
                os.fsync(descriptor)
            with suppress(FileExistsError):
                os.link(name, path)
        finally:
            Path(name).unlink()
    secret = path.read_bytes()
    if len(secret) < SECRET_BYTES:
        raise SettingsError(f"{path} is damaged: remove it, and sessions have to begin anew.")
    return secret

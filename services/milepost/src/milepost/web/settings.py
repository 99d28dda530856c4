"""What the web side can be told; the Hub's own facts come through JUPYTERHUB_* to HubOAuth."""

from dataclasses import dataclass, field

from jupyterlab_milepost.archive import MAX_BYTES

API_ROOT = "/api/v1"
"""Where the API stands at the site's root, beside `<prefix>api/v1`."""


@dataclass(frozen=True)
class WebSettings:
    """One web process. Sizes in bytes, times in seconds.

    `cookie_secret` signs the sign-in cookies: all web processes of a deployment share it.
    """

    cookie_secret: bytes = field(repr=False)
    prefix: str = "/services/milepost/"
    threads: int = 8
    user_cache_seconds: int = 20
    max_archive: int = MAX_BYTES
    max_json: int = 64 * 1024
    streams_per_user: int = 8
    stream_seconds: float = 600.0
    stream_look_seconds: float = 10.0
    stream_keep_alive_seconds: float = 15.0
    drain_seconds: float = 10.0

    @property
    def api_prefix(self) -> str:
        """The path of the API under the service's own prefix, without a slash at its end."""
        return f"{self.prefix.rstrip('/')}{API_ROOT}"

"""What the handlers of the API and of the pages have in common."""

from typing import TypedDict, cast

from jupyterhub.services.auth import HubOAuthenticated
from tornado.web import RequestHandler

from milepost.usecases.deps import Deps
from milepost.web.security import secure
from milepost.web.services import Services
from milepost.web.settings import WebSettings


class MilepostHandler(HubOAuthenticated, RequestHandler):  # type: ignore[misc]
    """A request to Milepost."""

    def initialize(self) -> None:
        """Take the Hub from the application rather than from a singleton."""
        self.hub_auth = self.services.hub
        self.services.open.begin(self)

    def on_finish(self) -> None:
        """Count no longer as unanswered."""
        self.services.open.end(self)

    def on_connection_close(self) -> None:
        """Count no longer as unanswered: nobody waits for the answer."""
        super().on_connection_close()
        self.services.open.end(self)

    @property
    def services(self) -> Services:
        """What all handlers share."""
        return cast("_AppSettings", self.settings)["services"]

    @property
    def deps(self) -> Deps:
        """The ports."""
        return self.services.deps

    @property
    def web(self) -> WebSettings:
        """The web side's settings."""
        return self.services.settings

    def set_default_headers(self) -> None:
        """Harden every answer, errors included."""
        secure(self)
        self.set_header("Cache-Control", "private, no-cache")


class _AppSettings(TypedDict):
    services: Services

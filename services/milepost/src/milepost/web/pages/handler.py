"""What pages have in common: sign-in by the Hub, rendering, errors that a person can read."""

import sys
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import cast

from jinja2 import Environment
from jupyterhub.services.auth import HubOAuthCallbackHandler

from milepost.domain.errors import DomainError
from milepost.usecases.actor import Actor
from milepost.web import problems
from milepost.web.addresses import book_url, hub_url, reading_url
from milepost.web.auth import identify
from milepost.web.handler import MilepostHandler


class PageHandler(MilepostHandler):
    """A page for people who are signed in; others are sent to the Hub, and come back."""

    actor: Actor

    async def prepare(self) -> None:
        """Find out who is there."""
        actor = await identify(self)
        if actor is None:
            self.redirect(self.get_login_url())
            return
        self.actor = self.current_user = actor

    async def show(self, template: str, read: Callable[[], dict[str, object]]) -> None:
        """Send a page; `read` returns what it shows, in the thread that renders it."""
        # The token is asked for here because that may set a cookie.
        common = self._common() | {"xsrf": self.xsrf_token.decode(), "user": self.actor}
        page = self._templates.get_template(template)
        try:
            html = await self.services.in_thread(lambda: page.render(common | read()))
        except DomainError as error:
            raise problems.from_domain(error) from error
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(html)

    def write_error(self, status_code: int, **_: object) -> None:
        """Answer with a page that says what happened and where to go."""
        problem = problems.from_exception(status_code, sys.exception())
        page = self._templates.get_template("error.html")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(page.render(self._common() | {"problem": problem, "user": self._user()}))

    def _user(self) -> Actor | None:
        return getattr(self, "actor", None)

    @property
    def _templates(self) -> Environment:
        return cast("Environment", self.settings["templates"])

    def _common(self) -> dict[str, object]:
        return {
            "root": self.web.prefix,
            "api": self.web.api_prefix,
            "hub": hub_url(self.services),
            "book": book_url(self.services),
            "reading_url": partial(reading_url, self.services),
            "xsrf": None,
            "last_event": None,
        }


class NoSuchPage(PageHandler):
    """Whatever is no page."""

    async def prepare(self) -> None:
        """Answer 404, whatever the method."""
        raise problems.problem(HTTPStatus.NOT_FOUND, "There is no page at this address.")


class OAuthCallback(PageHandler, HubOAuthCallbackHandler):  # type: ignore[misc]
    """Where the Hub sends people back to, signed in."""

    async def prepare(self) -> None:
        """Nobody is signed in yet."""


class ToRoot(MilepostHandler):
    """The service's address without its last slash."""

    def get(self) -> None:
        """Send to the dashboard."""
        self.redirect(self.web.prefix, permanent=True)

"""The tornado application: all addresses of the service."""

from typing import Any

from tornado.routing import URLSpec
from tornado.web import Application

from milepost.usecases.deps import Deps
from milepost.web import openapi, static_files
from milepost.web.api.handler import NoSuchAddress
from milepost.web.pages.dashboard import DashboardPage
from milepost.web.pages.handler import NoSuchPage, OAuthCallback, ToRoot
from milepost.web.pages.project import ProjectPage
from milepost.web.pages.templates import make_environment
from milepost.web.routes import PARTS, ROUTES, pattern
from milepost.web.services import make_services
from milepost.web.settings import API_ROOT, WebSettings


def make_application(deps: Deps, settings: WebSettings) -> Application:
    """Return the application, to be made where the event loop runs.

    HubOAuth reads JUPYTERHUB_API_TOKEN, JUPYTERHUB_API_URL and the like from the environment.
    """
    version = static_files.content_hash()
    api_roots = [settings.api_prefix, API_ROOT]
    options: dict[str, Any] = {
        "services": make_services(deps, settings),
        "openapi": openapi.document(ROUTES, api_roots),
        "templates": make_environment(f"{settings.prefix}static/{version}/"),
        "cookie_secret": settings.cookie_secret,
        "default_handler_class": NoSuchPage,
    }
    return Application([*_api(api_roots), *_pages(settings.prefix, version)], **options)


def _api(roots: list[str]) -> list[URLSpec]:
    found = [
        URLSpec(f"{root}{pattern(path)}", handler)
        for root in roots
        for path, handler in ROUTES.items()
    ]
    return found + [URLSpec(rf"{root}(?:/.*)?", NoSuchAddress) for root in roots]


def _pages(prefix: str, version: str) -> list[URLSpec]:
    static = {"path": str(static_files.FOLDER), "current": version}
    project = f"projects/(?P<course>{PARTS['course']})/(?P<project>{PARTS['project']})"
    return [
        URLSpec(prefix, DashboardPage),
        URLSpec(prefix.rstrip("/"), ToRoot),
        URLSpec(f"{prefix}{project}", ProjectPage),
        URLSpec(f"{prefix}oauth_callback", OAuthCallback),
        URLSpec(rf"{prefix}static/([0-9a-f]{{12}})/(.+)", static_files.StaticHandler, static),
    ]

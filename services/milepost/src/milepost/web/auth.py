"""Who makes a request: the Hub tells, by cookie or by token, and its scopes say what they may."""

from http import HTTPStatus
from typing import Any

from jupyterhub.services.auth import HubOAuth, UserNotAllowed
from tornado.web import HTTPError

from milepost.usecases.actor import Actor
from milepost.usecases.know_user import know_user
from milepost.web.handler import MilepostHandler
from milepost.web.problems import problem
from milepost.web.services import Services

LEARN = "custom:milepost:learn"
TEACH = "custom:milepost:teach:"


async def identify(handler: MilepostHandler) -> Actor | None:
    """Return who is there, or None for nobody.

    Raises 403 for a missing XSRF token and for somebody without access, 503 without the Hub.
    """
    services = handler.services
    model = await _model(handler, services.hub)
    if model is None:
        _refuse_cookie_without_xsrf(handler, services.hub)
        return None
    try:
        handler.check_hub_user(model)
    except UserNotAllowed as error:
        raise problem(HTTPStatus.FORBIDDEN, "You may not use Milepost; ask its admin.") from error
    actor = actor_of(model)
    if not (actor.learns or actor.teaches):
        raise problem(HTTPStatus.FORBIDDEN, f"Your token lacks the scope {LEARN}.")
    await _know(services, actor)
    return actor


def actor_of(model: dict[str, Any]) -> Actor:
    """Return the actor that the Hub's user model describes."""
    scopes = set(model["scopes"])
    # A service cannot pass for the user of the same name: no user's name holds a colon.
    is_service = model.get("kind") == "service"
    return Actor(
        username=f"service:{model['name']}" if is_service else model["name"],
        learns=LEARN in scopes,
        teaches=frozenset(scope.removeprefix(TEACH) for scope in scopes if scope.startswith(TEACH)),
        admin=bool(model.get("admin")) or "admin-ui" in scopes,
    )


async def _model(handler: MilepostHandler, hub: HubOAuth) -> dict[str, Any] | None:
    try:
        model: dict[str, Any] | None = await hub.get_user(handler, sync=False)
    except HTTPError as error:
        raise problem(
            HTTPStatus.SERVICE_UNAVAILABLE, "The Hub does not answer; try again in a moment."
        ) from error
    return model


def _refuse_cookie_without_xsrf(handler: MilepostHandler, hub: HubOAuth) -> None:
    """Say that the XSRF token is at fault where a good cookie was not taken because of it."""
    has_token = hub.get_token(handler, in_cookie=False)
    has_cookie = handler.get_secure_cookie(hub.cookie_name)
    if has_cookie and not has_token:
        try:
            handler.check_xsrf_cookie()
        except HTTPError as error:
            raise problem(
                HTTPStatus.FORBIDDEN,
                "The XSRF token is missing or old: send the page's token as X-XSRFToken.",
                kind="urn:milepost:xsrf",
            ) from error


async def _know(services: Services, actor: Actor) -> None:
    if actor.username not in services.known:
        await services.in_thread(lambda: know_user(services.deps, actor))
        services.known.add(actor.username)

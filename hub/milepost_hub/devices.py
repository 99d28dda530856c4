"""Browsers in which somebody has signed in before, told by a signed cookie.

Who guesses passwords can fill up the failures of an account and of an address, also of one that
is not theirs: a learner's server is on the Hub's own machine, as the proxy is, and may claim any
address. A browser that is known counts by itself, so that none of this locks its owner out.
"""

import secrets

from jupyterhub.handlers import BaseHandler

COOKIE = "milepost-browser"
DAYS = 365


def known(handler: BaseHandler, username: str) -> str:
    """Return what tells this browser of the account's owner from others; empty if it is new."""
    value = handler.get_secure_cookie(COOKIE, max_age_days=DAYS) or b""
    text = value.decode("ascii", errors="replace")
    # A user name has no colon.
    return text if text.startswith(f"{username}:") else ""


def remember(handler: BaseHandler, username: str) -> None:
    """Have the browser be known from now on. It gives no right but to some failures of its own."""
    handler.set_secure_cookie(
        COOKIE,
        known(handler, username) or f"{username}:{secrets.token_hex(8)}",
        expires_days=DAYS,
        path=handler.hub.base_url,
        httponly=True,
        samesite="Lax",
        secure=handler.request.protocol == "https",
    )

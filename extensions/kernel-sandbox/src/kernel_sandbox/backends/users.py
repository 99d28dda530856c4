"""User ids that no account has, a fresh one for each sandbox."""

import os
import secrets

_FIRST = 1 << 30
_COUNT = 1 << 28


def fresh_user() -> tuple[int, int] | None:
    """Return a user and group id that nobody else on this machine uses; None unless root.

    Limits on processes count per user, and one user's processes may signal each other: so
    every sandbox gets its own. Drawn at random, because sandboxes are started by processes that
    do not know of each other; two live ones collide once in 2^28.
    """
    if os.geteuid() != 0:
        return None
    user = _FIRST + secrets.randbelow(_COUNT)
    return user, user

"""Take note of somebody the Hub let in."""

from milepost.ports.store import UserRow
from milepost.usecases.actor import Actor
from milepost.usecases.deps import Deps


def know_user(deps: Deps, actor: Actor) -> UserRow:
    """Return the actor's row, adding it at first sight."""
    with deps.store.transaction() as tx:
        return tx.users.ensure(actor.username, at=deps.now(), email=actor.email)

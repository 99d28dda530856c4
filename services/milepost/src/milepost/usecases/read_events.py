"""Read what happened to a learner since the last event they saw."""

from milepost.domain.events import Event
from milepost.usecases.actor import Actor
from milepost.usecases.deps import Deps

BATCH = 200


def read_events(deps: Deps, actor: Actor, after: int) -> list[Event]:
    """Return at most BATCH of the learner's events with an id above `after`, oldest first."""
    with deps.store.reading() as tx:
        return tx.events.after(actor.username, after, limit=BATCH)


def last_event(deps: Deps, actor: Actor) -> int:
    """Return the id of the learner's newest event, 0 where there is none."""
    with deps.store.reading() as tx:
        return tx.events.last_id(actor.username)

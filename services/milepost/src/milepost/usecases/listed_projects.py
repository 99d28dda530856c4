"""The listed projects, which everybody reads and nobody but `milepost course build` changes."""

import time
from collections.abc import Sequence
from weakref import WeakKeyDictionary

from milepost.ports.store import ProjectRow, Store, Transaction
from milepost.usecases.deps import Deps

SECONDS_KEPT = 1.0
"""For how long a list that was read is taken for the present one. Putting it together takes
seven times as long as reading a learner's progress, and every page needs both."""

_kept: WeakKeyDictionary[Store, tuple[float, Sequence[ProjectRow]]] = WeakKeyDictionary()


def listed_projects(deps: Deps, tx: Transaction) -> Sequence[ProjectRow]:
    """Return the listed projects by course and number, as they were a second ago at most."""
    now = time.monotonic()
    at, rows = _kept.get(deps.store, (float("-inf"), ()))
    if now - at > SECONDS_KEPT:
        rows = tx.catalogue.projects()
        _kept[deps.store] = (now, rows)
    return rows

"""What the use cases are handed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from milepost.ports.blobs import Blobs
from milepost.ports.bus import Bus
from milepost.ports.store import Store


@dataclass(frozen=True)
class Deps:
    """The ports, chosen once in `milepost.app`; `now` returns aware UTC instants."""

    store: Store
    bus: Bus
    blobs: Blobs
    now: Callable[[], datetime]

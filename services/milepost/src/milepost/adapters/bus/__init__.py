"""The bus in one process, and on Redis."""

from milepost.adapters.bus.local import LocalBus
from milepost.adapters.bus.redis_bus import RedisBus

__all__ = ["LocalBus", "RedisBus"]

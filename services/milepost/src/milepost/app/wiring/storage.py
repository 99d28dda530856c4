"""Database, bus and blobs, as the settings choose them."""

from datetime import UTC, datetime

from milepost.adapters.blobs import FolderBlobs
from milepost.adapters.bus import LocalBus, RedisBus
from milepost.adapters.sql import migrate
from milepost.adapters.sql.store import SqlStore
from milepost.config import Milepost, SettingsError
from milepost.usecases.deps import Deps


def upgrade(settings: Milepost) -> None:
    """Bring the database to this version's schema."""
    settings.state_folder.mkdir(parents=True, exist_ok=True)
    migrate.upgrade(settings.database_url)


def make_deps(settings: Milepost, *, alone: bool) -> Deps:
    """Return the ports. `alone` says that web and worker share this process.

    Raises SettingsError, and SchemaError where the database is of another version.
    """
    if not alone and not settings.redis_url:
        raise SettingsError(
            "MILEPOST_REDIS_URL is not set: web and worker in processes of their own wake each "
            "other through Redis. Set it, or run `milepost all`."
        )
    migrate.check(settings.database_url)
    return Deps(
        store=SqlStore(settings.database_url),
        bus=RedisBus(settings.redis_url) if settings.redis_url else LocalBus(),
        blobs=FolderBlobs(settings.state_folder / "blobs"),
        now=lambda: datetime.now(UTC),
    )


def close(deps: Deps) -> None:
    """Let go of what `make_deps` opened."""
    deps.bus.close()
    deps.store.close()

"""What every table shares: names of constraints, column types."""

from datetime import UTC, datetime

from sqlalchemy import JSON, DateTime, MetaData, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def utc_now() -> datetime:
    """Return this instant: for columns that only say when a row came to be."""
    return datetime.now(UTC)


PlainData = JSON
"""JSON that is stored and returned whole. Not PostgreSQL's JSONB, which takes no U+0000."""


class Words(TypeDecorator[str]):
    """Text from anywhere, a learner's output too.

    What a database cannot store (U+0000 on PostgreSQL, lone surrogates on both) becomes U+FFFD,
    so that no text can make a grade impossible to record.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Replace what cannot be stored."""
        if value is None:
            return None
        storable = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return storable.replace("\x00", "\ufffd")


class Instant(TypeDecorator[datetime]):
    """An instant: stored in UTC, returned aware, on databases that keep the zone or drop it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn into UTC. Raises ValueError for an instant without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no timezone: an instant is stored in UTC.")
        return value.astimezone(UTC)

    def process_result_value(self, value: object, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the instant in UTC; SQLite gives back what was stored, without a zone."""
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

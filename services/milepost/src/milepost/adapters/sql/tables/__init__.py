"""The tables, by subject; `metadata` holds them all."""

from milepost.adapters.sql.tables import attempts, catalogue, people, queue
from milepost.adapters.sql.tables.base import metadata

__all__ = ["attempts", "catalogue", "metadata", "people", "queue"]

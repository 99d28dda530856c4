"""The queue of jobs."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, text

from milepost.adapters.sql.tables.base import Instant, PlainData, Words, metadata

_RUNNING = text("state = 'running'")
_OPEN = text("state IN ('queued', 'running')")
_CLOSED = text("state IN ('done', 'dead')")

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer(), primary_key=True),
    Column("kind", Words(), nullable=False),
    Column("payload", PlainData(), nullable=False),
    Column("lane", Words(), nullable=False),
    Column("state", Words(), nullable=False),
    Column("tries", Integer(), nullable=False),
    Column("fence", Integer(), nullable=False),
    Column("due_at", Instant(), nullable=False),
    Column("leased_until", Instant()),
    Column("worker", Words()),
    Column("error", Words(), nullable=False),
    Column("created_at", Instant(), nullable=False),
    CheckConstraint("state IN ('queued', 'running', 'done', 'dead')", name="state"),
    CheckConstraint("(state = 'running') = (leased_until IS NOT NULL)", name="lease"),
    # However two workers race, the database lets one job of a lane run.
    Index(
        "uq_jobs_running_lane",
        "lane",
        unique=True,
        sqlite_where=_RUNNING,
        postgresql_where=_RUNNING,
    ),
    # Claiming looks at what is open only, however many jobs are done.
    Index("ix_jobs_open", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_jobs_open_lane", "lane", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    # Counts the rest; an index on every state would tempt SQLite to sort the queue by it.
    Index("ix_jobs_closed", "state", sqlite_where=_CLOSED, postgresql_where=_CLOSED),
    sqlite_autoincrement=True,
)
"""`fence` and `tries` rise with every claim; `leased_until` is set while a job runs."""

"""Learners, how far they are, and what happened to them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    Uuid,
)

from milepost.adapters.sql.tables.base import Instant, PlainData, Words, metadata

users = Table(
    "users",
    metadata,
    Column("id", Uuid(), primary_key=True),
    Column("username", Words(), nullable=False, unique=True),
    Column("email", Words()),
    Column("created_at", Instant(), nullable=False),
    Column("updated_at", Instant(), nullable=False),
)
"""Whoever the Hub let in.

There is no password hash: passwords are the Hub's, and a second store of them could only leak or
drift. An e-mail address is what the Hub's sign-in knows of it, which may be nothing, or the same
address for two accounts; so it is neither required nor unique, and nobody is found by it.
"""

user_progress = Table(
    "user_progress",
    metadata,
    Column("id", Integer(), primary_key=True),
    Column("user_id", Uuid(), ForeignKey("users.id"), nullable=False),
    Column("project_id", Integer(), ForeignKey("projects.id"), nullable=False, index=True),
    Column("status", Words(), nullable=False),
    Column("completion_percentage", Integer(), nullable=False),
    Column("time_spent", Integer(), nullable=False),
    Column("attempts", Integer(), nullable=False),
    Column("last_accessed", Instant()),
    Column("completed_at", Instant()),
    UniqueConstraint("user_id", "project_id"),
    CheckConstraint("completion_percentage BETWEEN 0 AND 100", name="percentage"),
    CheckConstraint("time_spent >= 0", name="time_spent"),
)
"""How far a learner is with a project; `time_spent` in seconds, `attempts` graded ones."""

events = Table(
    "events",
    metadata,
    Column("id", Integer(), primary_key=True),
    Column("user_id", Uuid(), ForeignKey("users.id"), nullable=False),
    Column("kind", Words(), nullable=False),
    Column("at", Instant(), nullable=False),
    Column("data", PlainData(), nullable=False),
    Index(None, "user_id", "id"),
    # Ids are what browsers resume after: SQLite must never give out one a second time.
    sqlite_autoincrement=True,
)
"""What happened, by learner."""

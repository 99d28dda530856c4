"""Attempts and their results: per step, per graded cell."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    Uuid,
)

from milepost.adapters.sql.tables.base import Instant, PlainData, Words, metadata

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer(), primary_key=True),
    Column("user_id", Uuid(), ForeignKey("users.id"), nullable=False),
    Column("project_id", Integer(), ForeignKey("projects.id"), nullable=False),
    Column("sha256", Words(), nullable=False),
    Column("idempotency_key", Words(), nullable=False),
    Column("submitted_at", Instant(), nullable=False),
    Column("state", Words(), nullable=False),
    Column("verdict", Words()),
    Column("points", Float()),
    Column("max_points", Float()),
    Column("percent", Integer()),
    Column("message", Words(), nullable=False),
    Column("graded_at", Instant()),
    Column("feedback", Words()),
    Column("tests_digest", Words()),
    Column("sandbox_digest", Words()),
    Column("seconds", Float()),
    Column("flags", PlainData),
    UniqueConstraint("user_id", "project_id", "idempotency_key"),
    CheckConstraint("state IN ('queued', 'running', 'graded', 'dead')", name="state"),
    CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
    CheckConstraint("(state = 'graded') = (verdict IS NOT NULL)", name="graded"),
    Index(None, "user_id", "project_id", "id"),
    Index(None, "project_id", "id"),
    sqlite_autoincrement=True,
)
"""One row a submission. `seconds` is how long the judge took; `flags` are its remarks for
instructors, `tests_digest` and `sandbox_digest` say what the grade was made with."""

step_results = Table(
    "step_results",
    metadata,
    Column("id", Integer(), primary_key=True),
    Column("attempt_id", Integer(), ForeignKey("attempts.id"), nullable=False),
    Column("position", Integer(), nullable=False),
    Column("step", Words(), nullable=False),
    Column("title", Words(), nullable=False),
    Column("concept", Words(), nullable=False),
    UniqueConstraint("attempt_id", "position"),
    UniqueConstraint("attempt_id", "step"),
)
"""Title and concept are those of the day: the project may change after the grade."""

check_results = Table(
    "check_results",
    metadata,
    Column("id", Integer(), primary_key=True),
    Column("step_result_id", Integer(), ForeignKey("step_results.id"), nullable=False),
    Column("position", Integer(), nullable=False),
    Column("cell", Words(), nullable=False),
    Column("hidden", Boolean(), nullable=False),
    Column("passed", Boolean(), nullable=False),
    Column("points", Float(), nullable=False),
    Column("max_points", Float(), nullable=False),
    Column("message", Words(), nullable=False),
    UniqueConstraint("step_result_id", "position"),
)

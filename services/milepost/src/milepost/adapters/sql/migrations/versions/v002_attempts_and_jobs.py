"""Attempts, their results, and the queue."""

import sqlalchemy as sa
from alembic import op

revision = "002"
down_revision = "001"


def upgrade() -> None:
    """Make the tables, owners first."""
    _make_attempts()
    _make_results()
    _make_jobs()


def _make_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text()),
        sa.Column("points", sa.Float()),
        sa.Column("max_points", sa.Float()),
        sa.Column("percent", sa.Integer()),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("graded_at", sa.DateTime(timezone=True)),
        sa.Column("feedback", sa.Text()),
        sa.Column("tests_digest", sa.Text()),
        sa.Column("sandbox_digest", sa.Text()),
        sa.Column("seconds", sa.Float()),
        sa.Column("flags", sa.JSON()),
        sa.CheckConstraint(
            "(state = 'graded') = (verdict IS NOT NULL)", name=op.f("ck_attempts_graded")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'graded', 'dead')", name=op.f("ck_attempts_state")
        ),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_attempts_percent")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_attempts_project_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_attempts_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
        sa.UniqueConstraint(
            "user_id",
            "project_id",
            "idempotency_key",
            name="uq_attempts_user_id_project_id_idempotency_key",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_attempts_project_id_id", "attempts", ["project_id", "id"])
    op.create_index(
        "ix_attempts_user_id_project_id_id", "attempts", ["user_id", "project_id", "id"]
    )


def _make_results() -> None:
    op.create_table(
        "step_results",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("concept", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name="fk_step_results_attempt_id"),
        sa.PrimaryKeyConstraint("id", name="pk_step_results"),
        sa.UniqueConstraint("attempt_id", "position", name="uq_step_results_attempt_id_position"),
        sa.UniqueConstraint("attempt_id", "step", name="uq_step_results_attempt_id_step"),
    )
    op.create_table(
        "check_results",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("step_result_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("max_points", sa.Float(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["step_result_id"], ["step_results.id"], name="fk_check_results_step_result_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_check_results"),
        sa.UniqueConstraint(
            "step_result_id", "position", name="uq_check_results_step_result_id_position"
        ),
    )


def _make_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True)),
        sa.Column("worker", sa.Text()),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'dead')", name=op.f("ck_jobs_state")
        ),
        sa.CheckConstraint(
            "(state = 'running') = (leased_until IS NOT NULL)", name=op.f("ck_jobs_lease")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_jobs_open",
        "jobs",
        ["id"],
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_index(
        "ix_jobs_open_lane",
        "jobs",
        ["lane", "id"],
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_index(
        "ix_jobs_closed",
        "jobs",
        ["state"],
        sqlite_where=sa.text("state IN ('done', 'dead')"),
        postgresql_where=sa.text("state IN ('done', 'dead')"),
    )
    op.create_index(
        "uq_jobs_running_lane",
        "jobs",
        ["lane"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )

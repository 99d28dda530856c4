"""People, courses, concepts, progress, events."""

import sqlalchemy as sa
from alembic import op

revision = "001"
down_revision = None


def upgrade() -> None:
    """Make the tables, owners first."""
    _make_users()
    _make_courses()
    _make_concepts()
    _make_progress_and_events()


def _make_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("username", name="uq_users_username"),
    )


def _make_courses() -> None:
    op.create_table(
        "courses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("isolation", sa.Text(), nullable=False),
        sa.Column("pass_percent", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("pass_percent BETWEEN 0 AND 100", name=op.f("ck_courses_pass_percent")),
        sa.PrimaryKeyConstraint("id", name="pk_courses"),
        sa.UniqueConstraint("slug", name="uq_courses_slug"),
    )
    op.create_table(
        "phases",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name="fk_phases_course_id"),
        sa.PrimaryKeyConstraint("course_id", "slug", name="pk_phases"),
    )
    op.create_table(
        "projects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("project_number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("concept", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("difficulty", sa.Integer(), nullable=False),
        sa.Column("estimated_time", sa.Integer(), nullable=False),
        sa.Column("notebook", sa.Text(), nullable=False),
        sa.Column("editable", sa.JSON(), nullable=False),
        sa.Column("applications", sa.JSON(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("difficulty BETWEEN 1 AND 5", name=op.f("ck_projects_difficulty")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name="fk_projects_course_id"),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
        sa.UniqueConstraint("course_id", "slug", name="uq_projects_course_id_slug"),
    )
    op.create_index(
        "uq_projects_listed_number",
        "projects",
        ["course_id", "project_number"],
        unique=True,
        sqlite_where=sa.text("listed"),
        postgresql_where=sa.text("listed"),
    )
    op.create_table(
        "project_prerequisites",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("prerequisite_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["prerequisite_id"], ["projects.id"], name="fk_project_prerequisites_prerequisite_id"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_project_prerequisites_project_id"
        ),
        sa.PrimaryKeyConstraint("project_id", "prerequisite_id", name="pk_project_prerequisites"),
    )
    op.create_index(
        "ix_project_prerequisites_prerequisite_id", "project_prerequisites", ["prerequisite_id"]
    )
    op.create_table(
        "steps",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("concept", sa.Text(), nullable=False),
        sa.Column("hints", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_steps_project_id"),
        sa.PrimaryKeyConstraint("project_id", "slug", name="pk_steps"),
    )
    op.create_table(
        "releases",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_releases_project_id"),
        sa.PrimaryKeyConstraint("project_id", name="pk_releases"),
    )


def _make_concepts() -> None:
    op.create_table(
        "concepts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("documentation_path", sa.Text(), nullable=False),
        sa.Column("career", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_concepts"),
        sa.UniqueConstraint("name", name="uq_concepts_name"),
        sa.UniqueConstraint("slug", name="uq_concepts_slug"),
    )
    op.create_table(
        "project_concepts",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("concept_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["concept_id"], ["concepts.id"], name="fk_project_concepts_concept_id"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_project_concepts_project_id"
        ),
        sa.PrimaryKeyConstraint("project_id", "concept_id", name="pk_project_concepts"),
    )
    op.create_index("ix_project_concepts_concept_id", "project_concepts", ["concept_id"])
    op.create_table(
        "related_concepts",
        sa.Column("concept_id", sa.Integer(), nullable=False),
        sa.Column("related_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["concept_id"], ["concepts.id"], name="fk_related_concepts_concept_id"
        ),
        sa.ForeignKeyConstraint(
            ["related_id"], ["concepts.id"], name="fk_related_concepts_related_id"
        ),
        sa.PrimaryKeyConstraint("concept_id", "related_id", name="pk_related_concepts"),
    )
    op.create_index("ix_related_concepts_related_id", "related_concepts", ["related_id"])
    op.create_table(
        "real_world_mappings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("concept_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("company_name", sa.Text(), nullable=False),
        sa.Column("use_case", sa.Text(), nullable=False),
        sa.Column("case_study_url", sa.Text(), nullable=False),
        sa.Column("industry", sa.Text(), nullable=False),
        sa.Column("relevance_score", sa.Integer(), nullable=False),
        sa.Column("example_code", sa.Text()),
        sa.ForeignKeyConstraint(
            ["concept_id"], ["concepts.id"], name="fk_real_world_mappings_concept_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_real_world_mappings"),
    )
    op.create_index("ix_real_world_mappings_concept_id", "real_world_mappings", ["concept_id"])


def _make_progress_and_events() -> None:
    op.create_table(
        "user_progress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("completion_percentage", sa.Integer(), nullable=False),
        sa.Column("time_spent", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_accessed", sa.DateTime(timezone=True)),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "completion_percentage BETWEEN 0 AND 100", name=op.f("ck_user_progress_percentage")
        ),
        sa.CheckConstraint("time_spent >= 0", name=op.f("ck_user_progress_time_spent")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_user_progress_project_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_user_progress_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_user_progress"),
        sa.UniqueConstraint("user_id", "project_id", name="uq_user_progress_user_id_project_id"),
    )
    op.create_index("ix_user_progress_project_id", "user_progress", ["project_id"])
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_events_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_user_id_id", "events", ["user_id", "id"])

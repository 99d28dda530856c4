"""Courses and what is in them.

`platform-architecture.txt` draws prerequisites and related concepts as arrays of ids. They are
link tables here: the database then holds every id to a row that exists, finds both ends by index,
and does so alike on SQLite, which has no arrays. Plain texts that are only shown (hints, editable
files, applications) are JSON lists.
"""

from uuid import uuid4

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
    text,
)

from milepost.adapters.sql.tables.base import Instant, PlainData, Words, metadata, utc_now

courses = Table(
    "courses",
    metadata,
    Column("id", Integer(), primary_key=True),
    Column("slug", Words(), nullable=False, unique=True),
    Column("title", Words(), nullable=False),
    Column("description", Words(), nullable=False),
    Column("isolation", Words(), nullable=False),
    Column("pass_percent", Integer(), nullable=False),
    Column("revision", Uuid(), nullable=False, default=uuid4),
    Column("created_at", Instant(), nullable=False, default=utc_now),
    CheckConstraint("pass_percent BETWEEN 0 AND 100", name="pass_percent"),
)
"""`revision` is another one whenever the course is put: what was read of it before is old then."""

phases = Table(
    "phases",
    metadata,
    Column("course_id", Integer(), ForeignKey("courses.id"), primary_key=True),
    Column("slug", Words(), primary_key=True),
    Column("position", Integer(), nullable=False),
    Column("letter", Words(), nullable=False),
    Column("title", Words(), nullable=False),
)

projects = Table(
    "projects",
    metadata,
    Column("id", Integer(), primary_key=True),
    Column("course_id", Integer(), ForeignKey("courses.id"), nullable=False),
    Column("slug", Words(), nullable=False),
    Column("project_number", Integer(), nullable=False),
    Column("title", Words(), nullable=False),
    Column("description", Words(), nullable=False),
    Column("concept", Words(), nullable=False),
    Column("phase", Words(), nullable=False),
    Column("difficulty", Integer(), nullable=False),
    Column("estimated_time", Integer(), nullable=False),
    Column("notebook", Words(), nullable=False),
    Column("editable", PlainData(), nullable=False),
    Column("applications", PlainData(), nullable=False),
    Column("listed", Boolean(), nullable=False),
    Column("created_at", Instant(), nullable=False, default=utc_now),
    UniqueConstraint("course_id", "slug"),
    CheckConstraint("difficulty BETWEEN 1 AND 5", name="difficulty"),
    # A project that left its course leaves its number to the next one.
    Index(
        "uq_projects_listed_number",
        "course_id",
        "project_number",
        unique=True,
        sqlite_where=text("listed"),
        postgresql_where=text("listed"),
    ),
)
"""`concept` is the first concept's slug, `estimated_time` is in minutes; `phase` is no foreign key,
because a project that left its course may be in a phase that left it too."""

project_prerequisites = Table(
    "project_prerequisites",
    metadata,
    Column("project_id", Integer(), ForeignKey("projects.id"), primary_key=True),
    Column("prerequisite_id", Integer(), ForeignKey("projects.id"), primary_key=True, index=True),
    Column("position", Integer(), nullable=False),
)

steps = Table(
    "steps",
    metadata,
    Column("project_id", Integer(), ForeignKey("projects.id"), primary_key=True),
    Column("slug", Words(), primary_key=True),
    Column("position", Integer(), nullable=False),
    Column("title", Words(), nullable=False),
    Column("points", Float(), nullable=False),
    Column("concept", Words(), nullable=False),
    Column("hints", PlainData(), nullable=False),
)

concepts = Table(
    "concepts",
    metadata,
    Column("id", Integer(), primary_key=True),
    Column("slug", Words(), nullable=False, unique=True),
    Column("name", Words(), nullable=False, unique=True),
    Column("description", Words(), nullable=False),
    Column("documentation_path", Words(), nullable=False),
    Column("career", PlainData(), nullable=False),
    Column("created_at", Instant(), nullable=False, default=utc_now),
)

project_concepts = Table(
    "project_concepts",
    metadata,
    Column("project_id", Integer(), ForeignKey("projects.id"), primary_key=True),
    Column("concept_id", Integer(), ForeignKey("concepts.id"), primary_key=True, index=True),
    Column("position", Integer(), nullable=False),
)

related_concepts = Table(
    "related_concepts",
    metadata,
    Column("concept_id", Integer(), ForeignKey("concepts.id"), primary_key=True),
    Column("related_id", Integer(), ForeignKey("concepts.id"), primary_key=True, index=True),
    Column("position", Integer(), nullable=False),
)

real_world_mappings = Table(
    "real_world_mappings",
    metadata,
    Column("id", Integer(), primary_key=True),
    Column("concept_id", Integer(), ForeignKey("concepts.id"), nullable=False, index=True),
    Column("position", Integer(), nullable=False),
    Column("company_name", Words(), nullable=False),
    Column("use_case", Words(), nullable=False),
    Column("case_study_url", Words(), nullable=False),
    Column("industry", Words(), nullable=False),
    Column("relevance_score", Integer(), nullable=False),
    Column("example_code", Words()),
)

releases = Table(
    "releases",
    metadata,
    Column("project_id", Integer(), ForeignKey("projects.id"), primary_key=True),
    Column("sha256", Words(), nullable=False),
    Column("size", Integer(), nullable=False),
    Column("files", Integer(), nullable=False),
    Column("released_at", Instant(), nullable=False),
)

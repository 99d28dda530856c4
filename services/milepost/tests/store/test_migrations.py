"""The schema: how it comes to be, how it is checked, and that it is what the code says."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from milepost.adapters.sql import schema
from milepost.adapters.sql.engine import DatabaseUrlError, database_url
from milepost.adapters.sql.migrate import SchemaError, check, upgrade
from milepost.adapters.sql.store import SqlStore
from milepost.adapters.sql.tables import metadata
from sqlalchemy import Connection, create_engine, insert, inspect, text
from sqlalchemy.exc import DBAPIError

ARCHITECTURE = {
    "users": "id email username created_at updated_at",
    "projects": "id project_number title description concept phase difficulty estimated_time "
    "created_at",
    "project_prerequisites": "project_id prerequisite_id",
    "user_progress": "id user_id project_id status completion_percentage time_spent "
    "last_accessed completed_at",
    "concepts": "id name description documentation_path created_at",
    "related_concepts": "concept_id related_id",
    "real_world_mappings": "id concept_id company_name use_case case_study_url industry "
    "relevance_score",
}
"""The tables of the platform's architecture and their columns; arrays of ids are link tables."""


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_the_migrations_make_what_the_code_says(empty_url: str) -> None:
    upgrade(empty_url)
    with connected(empty_url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_checks_of_the_tables_are_in_the_database(url: str) -> None:
    with connected(url) as connection:
        inspector = inspect(connection)
        for table in metadata.sorted_tables:
            declared = {one.name for one in table.constraints if one.name.startswith("ck_")}
            found = {one["name"] for one in inspector.get_check_constraints(table.name)}
            assert declared == found


@pytest.mark.parametrize("table", ARCHITECTURE)
def test_every_table_of_the_architecture_has_its_columns(url: str, table: str) -> None:
    with connected(url) as connection:
        columns = {column["name"] for column in inspect(connection).get_columns(table)}
    assert set(ARCHITECTURE[table].split()) <= columns


def test_every_foreign_key_leads_an_index(url: str) -> None:
    with connected(url) as connection:
        inspector = inspect(connection)
        for table in metadata.tables:
            led = {tuple(inspector.get_pk_constraint(table)["constrained_columns"])[:1]}
            led |= {tuple(one["column_names"])[:1] for one in inspector.get_indexes(table)}
            led |= {
                tuple(one["column_names"])[:1] for one in inspector.get_unique_constraints(table)
            }
            for key in inspector.get_foreign_keys(table):
                assert tuple(key["constrained_columns"]) in led, (table, key)


def test_no_table_holds_passwords(url: str) -> None:
    with connected(url) as connection:
        inspector = inspect(connection)
        names = [
            column["name"] for table in metadata.tables for column in inspector.get_columns(table)
        ]
    assert not [name for name in names if "password" in name]


def test_an_upgrade_again_changes_nothing(empty_url: str) -> None:
    upgrade(empty_url)
    upgrade(empty_url)
    check(empty_url)


def test_upgrades_at_the_same_time_wait_for_each_other(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, [empty_url] * 4))
    check(empty_url)


def test_an_empty_database_is_told_to_be_upgraded(empty_url: str) -> None:
    with pytest.raises(SchemaError, match="run `milepost upgrade`"):
        check(empty_url)


def test_checking_makes_no_database(tmp_path: Path) -> None:
    with pytest.raises(SchemaError):
        check(f"sqlite:///{tmp_path}/none.sqlite")
    assert list(tmp_path.iterdir()) == []


def set_version(url: str, version: str) -> None:
    with connected(url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})


def test_a_database_of_a_newer_milepost_is_left_alone(url: str) -> None:
    set_version(url, "999")
    for refuse in (check, upgrade):
        with pytest.raises(SchemaError, match="newer Milepost"):
            refuse(url)
    store = SqlStore(url)
    with pytest.raises(SchemaError, match="newer Milepost"):
        store.ping()
    store.close()
    set_version(url, schema.newest())
    check(url)


def test_a_sqlite_database_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path}/state/milepost.sqlite")
    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "state").iterdir()}
    assert modes == {0}


def upgrade_to(url: str, version: str) -> None:
    """Leave the database as an older Milepost made it."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with connected(url) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)


def older_with_a_course(url: str) -> None:
    upgrade_to(url, "001")
    with connected(url) as connection:
        connection.execute(
            insert(metadata.tables["courses"]).values(
                slug="old", title="Old", description="", isolation="shared", pass_percent=80
            )
        )


def test_an_older_database_is_told_to_be_upgraded_and_keeps_its_rows(empty_url: str) -> None:
    older_with_a_course(empty_url)
    with pytest.raises(SchemaError, match="run `milepost upgrade`"):
        check(empty_url)
    upgrade(empty_url)
    check(empty_url)
    store = SqlStore(empty_url)
    with store.reading() as tx:
        assert [row.slug for row in tx.catalogue.courses()] == ["old"]
    store.close()


def test_a_sqlite_database_is_copied_aside_before_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "milepost.sqlite"
    older_with_a_course(f"sqlite:///{path}")
    upgrade(f"sqlite:///{path}")
    copy = tmp_path / "milepost.sqlite.before-001"
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("SELECT slug FROM courses").fetchall() == [("old",)]
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [("001",)]
    assert copy.stat().st_mode & 0o077 == 0


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(empty_url: str) -> None:
    older_with_a_course(empty_url)
    with connected(empty_url) as connection:
        # In the way of the second table that the upgrade makes.
        connection.execute(text("CREATE TABLE step_results (id INTEGER)"))
    with pytest.raises(DBAPIError):
        upgrade(empty_url)
    with connected(empty_url) as connection:
        assert schema.version(connection) == "001"
        assert not inspect(connection).has_table("attempts")


@pytest.mark.parametrize("name", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_a_postgres_url_means_psycopg2(name: str) -> None:
    assert database_url(f"{name}://u:p@h/d").drivername == "postgresql+psycopg2"


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://host/name", "postgresql+asyncpg://h/d"]
)
def test_a_url_that_cannot_be_used_is_refused_with_what_may(url: str) -> None:
    with pytest.raises(DatabaseUrlError, match="sqlite:////path/to/file"):
        SqlStore(url)

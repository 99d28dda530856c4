"""What every store does: transactions, users, releases, progress, events."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

import pytest
from milepost.domain.errors import NotFoundError
from milepost.domain.events import EventKind
from milepost.domain.progress import Progress, Status
from milepost.ports.store import ReleaseRow, Store
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, StatementError

from services.milepost.tests.store.samples import CONCEPTS, NOW, SHA, course, project, seed


def test_what_a_transaction_wrote_is_there_after_it(store: Store) -> None:
    with store.transaction() as tx:
        written = tx.users.ensure("ada", at=NOW, email="ada@example.org")
    with store.reading() as tx:
        assert tx.users.find("ada") == written


def test_a_transaction_that_raises_writes_nothing(store: Store) -> None:
    def fail_after_writing() -> None:
        with store.transaction() as tx:
            tx.users.ensure("ada", at=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_writing()
    with store.reading() as tx:
        assert tx.users.find("ada") is None


def test_reading_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError), store.reading() as tx:
        tx.users.ensure("ada", at=NOW)
    with store.transaction() as tx:
        tx.users.ensure("ada", at=NOW)


def test_reading_sees_one_moment_and_waits_for_no_writer(
    open_store: Callable[[], Store],
) -> None:
    writer, reader = open_store(), open_store()
    with reader.reading() as before, writer.transaction() as tx:
        assert before.users.find("ada") is None
        tx.users.ensure("ada", at=NOW)
        with reader.reading() as meanwhile:
            assert meanwhile.users.find("ada") is None
    with reader.reading() as before:
        assert before.users.find("bob") is None
        with writer.transaction() as tx:
            tx.users.ensure("bob", at=NOW)
        assert before.users.find("bob") is None
        assert before.users.find("ada") is not None


def test_a_user_is_added_once_and_keeps_their_id(store: Store) -> None:
    with store.transaction() as tx:
        first = tx.users.ensure("ada", at=NOW)
    with store.transaction() as tx:
        again = tx.users.ensure("ada", at=NOW + timedelta(days=1))
    assert again == first


def test_a_new_address_of_a_user_is_kept_and_none_takes_it_away(store: Store) -> None:
    with store.transaction() as tx:
        tx.users.ensure("ada", at=NOW)
        assert tx.users.ensure("ada", at=NOW, email="a@example.org").email == "a@example.org"
        assert tx.users.ensure("ada", at=NOW).email == "a@example.org"


def test_two_users_may_share_an_address(store: Store) -> None:
    with store.transaction() as tx:
        tx.users.ensure("ada", at=NOW, email="class@example.org")
        assert tx.users.ensure("bob", at=NOW, email="class@example.org").username == "bob"


def test_a_name_that_no_database_stores_is_nobody(store: Store) -> None:
    with store.reading() as tx:
        assert tx.users.find("a\x00b") is None
        assert tx.users.find("a\ud800b") is None


def test_instants_come_back_aware_and_in_utc(store: Store) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    with store.transaction() as tx:
        tx.users.ensure("ada", at=elsewhere)
    with store.reading() as tx:
        found = tx.users.find("ada")
    assert found is not None
    assert found.created_at == NOW
    assert found.created_at.utcoffset() == timedelta(0)


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="timezone"), store.transaction() as tx:
        tx.users.ensure("ada", at=datetime(2026, 3, 1))  # noqa: DTZ001


def test_a_release_is_replaced_listed_and_removed(store: Store) -> None:
    project_id = seed(store)
    first = ReleaseRow(project_id, SHA, 100, 3, NOW)
    second = ReleaseRow(project_id, "cd" * 32, 200, 4, NOW + timedelta(hours=1))
    with store.transaction() as tx:
        assert tx.releases.get(project_id) is None
        tx.releases.put(first)
        tx.releases.put(second)
    with store.transaction() as tx:
        assert tx.releases.get(project_id) == second
        assert tx.releases.all("backend") == [second]
        assert tx.releases.all("other") == []
        assert tx.releases.remove(project_id)
        assert not tx.releases.remove(project_id)
        assert tx.releases.get(project_id) is None


def test_the_release_of_a_project_that_left_the_course_is_not_listed(store: Store) -> None:
    project_id = seed(store)
    with store.transaction() as tx:
        tx.releases.put(ReleaseRow(project_id, SHA, 100, 3, NOW))
        tx.catalogue.put(course(project(9, "other", concepts=())), ())
        assert tx.releases.all("backend") == []


def test_progress_is_fresh_before_it_is_saved(store: Store) -> None:
    project_id = seed(store, "ada")
    with store.reading() as tx:
        assert tx.progress.get("ada", project_id) == Progress()
        assert tx.progress.all("ada") == {}
        assert tx.progress.all("nobody") == {}


def test_progress_is_saved_and_replaced(store: Store) -> None:
    project_id = seed(store, "ada", "bob")
    begun = Progress(Status.IN_PROGRESS, 40, 60, 1, NOW, None)
    done = Progress(Status.COMPLETED, 100, 90, 2, NOW, NOW)
    for progress in (begun, done):
        with store.transaction() as tx:
            tx.progress.save("ada", project_id, progress)
        with store.reading() as tx:
            assert tx.progress.get("ada", project_id) == progress
            assert tx.progress.all("ada") == {project_id: progress}
            assert tx.progress.all("bob") == {}


def test_progress_of_a_user_who_was_never_seen_is_refused(store: Store) -> None:
    project_id = seed(store)
    with pytest.raises(NotFoundError, match="nobody"), store.transaction() as tx:
        tx.progress.save("nobody", project_id, Progress())


def test_events_are_read_after_the_last_one_seen(store: Store) -> None:
    seed(store, "ada", "bob")
    with store.transaction() as tx:
        assert tx.events.last_id("ada") == 0
        first = tx.events.append("ada", EventKind.ATTEMPT_ACCEPTED, {"attempt": 1}, at=NOW)
        tx.events.append("bob", EventKind.ATTEMPT_ACCEPTED, {"attempt": 2}, at=NOW)
        last = tx.events.append("ada", EventKind.ATTEMPT_GRADED, {"say": "\x00 \ud800 ☃"}, at=NOW)
    with store.reading() as tx:
        both = tx.events.after("ada", 0)
        assert [one.id for one in both] == [first, last]
        assert [one.kind for one in both] == [EventKind.ATTEMPT_ACCEPTED, EventKind.ATTEMPT_GRADED]
        assert both[1].data == {"say": "\x00 \ud800 ☃"}
        assert both[0].at == NOW
        assert both[0].username == "ada"
        assert tx.events.after("ada", first) == both[1:]
        assert tx.events.after("ada", 0, limit=1) == both[:1]
        assert tx.events.after("ada", last) == []
        assert tx.events.last_id("ada") == last
        assert tx.events.after("nobody", 0) == []


def test_a_store_answers_a_ping(store: Store) -> None:
    store.ping()


def test_progress_of_a_learner_takes_one_query(store: Store, queries: list[str]) -> None:
    project_id = seed(store, "ada")
    with store.transaction() as tx:
        tx.progress.save("ada", project_id, Progress(Status.IN_PROGRESS))
    queries.clear()
    with store.reading() as tx:
        tx.progress.all("ada")
    assert len(queries) == 1


def test_projects_take_as_many_queries_however_many_there_are(
    store: Store, queries: list[str]
) -> None:
    counts = []
    for size in (1, 30):
        projects = [project(number, f"p{number}") for number in range(1, size + 1)]
        with store.transaction() as tx:
            tx.catalogue.put(course(*projects), CONCEPTS)
        queries.clear()
        with store.reading() as tx:
            assert len(tx.catalogue.projects()) == size
            tx.catalogue.concepts()
            tx.catalogue.courses()
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10


def test_projects_that_did_not_change_since_they_were_read_take_one_query(
    store: Store, queries: list[str]
) -> None:
    project_id = seed(store)
    with store.reading() as tx:
        first = tx.catalogue.projects()
    queries.clear()
    with store.reading() as tx:
        assert tx.catalogue.projects() == first
    assert len(queries) == 1
    with store.reading() as tx:
        assert tx.catalogue.projects(course="other") == []
        assert tx.catalogue.project(project_id) == first[0]


@pytest.fixture
def queries() -> Iterator[list[str]]:
    """Every SELECT that any database was sent."""
    sent: list[str] = []

    def note(_conn, _cursor, statement, *_rest) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)

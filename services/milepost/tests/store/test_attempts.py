"""Attempts: stored once a key, graded once, listed newest first."""

from datetime import timedelta

import pytest
from milepost.domain.attempts import AttemptState, Verdict
from milepost.domain.errors import ConflictError, NotFoundError
from milepost.ports.store import Store

from services.milepost.tests.store.samples import NOW, SHA, outcome, seed, submit


def test_a_new_attempt_waits_for_its_grade(store: Store) -> None:
    project_id = seed(store, "ada")
    with store.transaction() as tx:
        attempt = submit(tx, project_id, key="k")
    assert (attempt.username, attempt.course, attempt.project) == ("ada", "backend", "server")
    assert (attempt.sha256, attempt.idempotency_key, attempt.submitted_at) == (SHA, "k", NOW)
    assert (attempt.state, attempt.verdict, attempt.percent) == (AttemptState.QUEUED, None, None)
    with store.reading() as tx:
        assert tx.attempts.get(attempt.id) == attempt
        assert tx.attempts.by_key("ada", project_id, "k") == attempt
        assert tx.attempts.steps(attempt.id) == ()


def test_what_was_never_submitted_is_not_found(store: Store) -> None:
    project_id = seed(store, "ada")
    with store.reading() as tx:
        assert tx.attempts.get(1) is None
        assert tx.attempts.by_key("ada", project_id, "k") is None
        assert tx.attempts.steps(1) == ()
        assert tx.attempts.list() == []


def test_a_key_is_taken_once_by_a_learner_and_project(store: Store) -> None:
    project_id = seed(store, "ada", "bob")
    with store.transaction() as tx:
        first = submit(tx, project_id, key="k")
        submit(tx, project_id, key="k", username="bob")
        submit(tx, project_id + 1, key="k")
        with pytest.raises(ConflictError):
            submit(tx, project_id, key="k")
        assert tx.attempts.by_key("ada", project_id, "k") == first
    with store.reading() as tx:
        assert len(tx.attempts.list()) == 3


def test_an_attempt_of_a_user_who_was_never_seen_is_refused(store: Store) -> None:
    project_id = seed(store)
    with pytest.raises(NotFoundError, match="nobody"), store.transaction() as tx:
        submit(tx, project_id, key="k", username="nobody")


def test_a_grade_comes_back_as_it_was_recorded(store: Store) -> None:
    project_id = seed(store, "ada")
    with store.transaction() as tx:
        attempt = submit(tx, project_id, key="k")
        tx.attempts.set_state(attempt.id, AttemptState.RUNNING)
    with store.transaction() as tx:
        assert tx.attempts.record(attempt.id, outcome(), NOW + timedelta(seconds=1))
    with store.reading() as tx:
        graded = tx.attempts.get(attempt.id)
        assert tx.attempts.steps(attempt.id) == outcome().steps
    assert graded is not None
    assert (graded.state, graded.verdict) == (AttemptState.GRADED, Verdict.FAILED)
    assert (graded.points, graded.max_points, graded.percent) == (2.0, 3.0, 66)
    assert (attempt.flags, graded.flags) == ((), ("slow",))
    assert (graded.message, graded.graded_at) == ("One step to go.", NOW + timedelta(seconds=1))


def test_a_grade_is_written_once(store: Store) -> None:
    project_id = seed(store, "ada")
    with store.transaction() as tx:
        attempt = submit(tx, project_id, key="k")
        assert tx.attempts.record(attempt.id, outcome(2.0), NOW)
        assert not tx.attempts.record(attempt.id, outcome(0.0), NOW)
        tx.attempts.set_state(attempt.id, AttemptState.DEAD, "too late")
    with store.reading() as tx:
        graded = tx.attempts.get(attempt.id)
        assert tx.attempts.steps(attempt.id) == outcome(2.0).steps
    assert graded is not None
    assert (graded.state, graded.points) == (AttemptState.GRADED, 2.0)


def test_the_grade_of_an_attempt_that_does_not_exist_is_not_written(store: Store) -> None:
    with store.transaction() as tx:
        assert not tx.attempts.record(1, outcome(), NOW)


def test_no_output_of_a_learner_makes_a_grade_unrecordable(store: Store) -> None:
    project_id = seed(store, "ada")
    with store.transaction() as tx:
        attempt = submit(tx, project_id, key="k")
        tx.attempts.set_state(attempt.id, AttemptState.DEAD, "\x00\ud800\U0001f600\udfff'\"%s")
    with store.reading() as tx:
        dead = tx.attempts.get(attempt.id)
    assert dead is not None
    assert dead.state is AttemptState.DEAD
    assert dead.message == "\ufffd\ufffd\U0001f600\ufffd'\"%s"


def test_open_attempts_of_a_learner_and_project_are_counted(store: Store) -> None:
    project_id = seed(store, "ada", "bob")
    with store.transaction() as tx:
        assert tx.attempts.count_open("ada", project_id) == 0
        queued, running, graded, dead = (submit(tx, project_id, key=f"{n}").id for n in range(4))
        submit(tx, project_id, key="k", username="bob")
        submit(tx, project_id + 1, key="k")
        assert tx.attempts.count_open("ada", project_id) == 4
        tx.attempts.set_state(running, AttemptState.RUNNING)
        assert tx.attempts.record(graded, outcome(), NOW)
        tx.attempts.set_state(dead, AttemptState.DEAD)
        assert tx.attempts.count_open("ada", project_id) == 2
        assert tx.attempts.record(queued, outcome(), NOW)
        assert tx.attempts.count_open("ada", project_id) == 1


def test_feedback_is_attached(store: Store) -> None:
    project_id = seed(store, "ada")
    with store.transaction() as tx:
        attempt = submit(tx, project_id, key="k")
        tx.attempts.set_feedback(attempt.id, SHA)
        with_feedback = tx.attempts.get(attempt.id)
    assert with_feedback is not None
    assert with_feedback.feedback == SHA


def test_attempts_are_listed_newest_first_and_by_page(store: Store) -> None:
    project_id = seed(store, "ada", "bob")
    with store.transaction() as tx:
        made = [submit(tx, project_id, key=f"{n}").id for n in range(5)]
        of_bob = submit(tx, project_id, key="0", username="bob").id
        elsewhere = submit(tx, project_id + 1, key="0").id
    newest = [elsewhere, of_bob, *reversed(made)]
    with store.reading() as tx:

        def listed(**filters: object) -> list[int]:
            return [row.id for row in tx.attempts.list(**filters)]  # type: ignore[arg-type]

        assert listed() == newest
        assert listed(limit=2) == newest[:2]
        assert listed(before=newest[1], limit=2) == newest[2:4]
        assert listed(username="bob") == [of_bob]
        assert listed(project="api") == [elsewhere]
        assert listed(courses=["backend"], project="server", username="ada") == newest[2:]
        assert listed(courses=["other"]) == []
        assert listed(courses=[]) == []
        assert listed(latest=True) == [elsewhere, of_bob, made[-1]]
        assert listed(latest=True, before=of_bob) == [made[-1]]
        assert listed(latest=True, username="ada", project="server") == [made[-1]]

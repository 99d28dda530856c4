"""Courses, projects and concepts: put whole, read back the same, whatever changed between."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from milepost.domain.catalogue import Concept, Phase
from milepost.domain.errors import InvalidError
from milepost.ports.store import Store

from services.milepost.tests.store.samples import CONCEPTS, course, project


def put(store: Store, *projects, concepts=CONCEPTS, **changes) -> None:
    with store.transaction() as tx:
        tx.catalogue.put(replace(course(*projects), **changes), concepts)


def ids(store: Store) -> dict[str, int]:
    with store.reading() as tx:
        return {row.project.slug: row.id for row in tx.catalogue.projects()}


def test_a_course_comes_back_as_it_was_put(store: Store) -> None:
    put(store)
    with store.reading() as tx:
        (row,) = tx.catalogue.courses()
        rows = tx.catalogue.projects(course="backend")
    sample = course()
    assert (row.slug, row.title, row.description) == ("backend", "Back end", sample.description)
    assert (row.isolation, row.pass_percent, row.phases) == (sample.isolation, 75, sample.phases)
    assert tuple(row.project for row in rows) == sample.projects
    assert {row.course for row in rows} == {"backend"}
    assert {row.pass_percent for row in rows} == {75}


def test_prerequisites_are_ids_in_the_authors_order(store: Store) -> None:
    put(store)
    by_slug = ids(store)
    with store.reading() as tx:
        client = tx.catalogue.project_by_slug("backend", "client")
    assert client is not None
    assert client.prerequisites == (by_slug["api"], by_slug["server"])
    assert client.project.prerequisites == ("api", "server")


def test_one_project_is_found_by_id_and_by_slug(store: Store) -> None:
    put(store)
    with store.reading() as tx:
        by_slug = tx.catalogue.project_by_slug("backend", "api")
        assert by_slug is not None
        assert tx.catalogue.project(by_slug.id) == by_slug
        assert tx.catalogue.project(10**6) is None
        assert tx.catalogue.project_by_slug("backend", "nothing") is None
        assert tx.catalogue.project_by_slug("nothing", "api") is None


def test_concepts_come_back_as_they_were_put(store: Store) -> None:
    put(store)
    with store.reading() as tx:
        found = tx.catalogue.concepts()
    assert found == sorted(CONCEPTS, key=lambda concept: concept.slug)


def test_the_concepts_of_a_project_are_in_its_order(store: Store) -> None:
    put(store)
    with store.reading() as tx:
        project_id = ids(store)["server"]
        found = tx.catalogue.concepts(project_id=project_id)
        assert [concept.slug for concept in found] == ["routes", "json"]
        assert found[0] == CONCEPTS[0]
        assert tx.catalogue.concepts(project_id=10**6) == []


def test_putting_a_course_again_keeps_every_id(store: Store) -> None:
    put(store)
    before = ids(store)
    put(store, title="Renamed", phases=(Phase("basics", "A", "Start"), Phase("data", "B", "D")))
    assert ids(store) == before
    with store.reading() as tx:
        (row,) = tx.catalogue.courses()
    assert (row.title, row.phases[0].title) == ("Renamed", "Start")


def test_a_project_that_is_gone_keeps_its_row_unlisted(store: Store) -> None:
    put(store)
    gone = ids(store)["client"]
    put(store, *course().projects[:2])
    assert "client" not in ids(store)
    with store.reading() as tx:
        row = tx.catalogue.project(gone)
        assert row is not None
        assert row.project.slug == "client"
        assert tx.catalogue.project_by_slug("backend", "client") is None
    put(store)
    assert ids(store)["client"] == gone


def test_the_number_of_a_project_that_is_gone_is_free(store: Store) -> None:
    put(store, project(1, "old"))
    put(store, project(1, "new"))
    assert list(ids(store)) == ["new"]


def test_projects_may_exchange_numbers(store: Store) -> None:
    put(store, project(1, "first"), project(2, "second"))
    put(store, project(2, "first"), project(1, "second"))
    assert list(ids(store)) == ["second", "first"]


def test_two_courses_may_use_the_same_slugs_and_numbers(store: Store) -> None:
    with store.transaction() as tx:
        tx.catalogue.put(course(project(1, "server")), CONCEPTS)
        tx.catalogue.put(course(project(1, "server"), slug="another"), CONCEPTS)
    with store.reading() as tx:
        assert [row.course for row in tx.catalogue.projects()] == ["another", "backend"]
        assert [row.slug for row in tx.catalogue.courses()] == ["another", "backend"]


def test_concepts_may_exchange_names(store: Store) -> None:
    put(store)
    routes, json, status = CONCEPTS
    put(store, concepts=(replace(routes, name="JSON"), replace(json, name="Routes"), status))
    with store.reading() as tx:
        names = {concept.slug: concept.name for concept in tx.catalogue.concepts()}
    assert names == {"routes": "JSON", "json": "Routes", "status-codes": "Status codes"}


def test_a_concept_may_get_another_slug(store: Store) -> None:
    put(store)
    routes, json, status = CONCEPTS
    renamed = replace(status, slug="statuses")
    put(store, concepts=(replace(routes, related=("statuses",)), json, renamed))
    with store.reading() as tx:
        assert [one.slug for one in tx.catalogue.concepts()] == ["json", "routes", "statuses"]


def test_a_concept_that_left_the_book_stays_while_a_project_exercises_it(store: Store) -> None:
    put(store)
    put(store, concepts=(replace(CONCEPTS[0], related=()),))
    with store.reading() as tx:
        assert [one.slug for one in tx.catalogue.concepts()] == ["json", "routes"]


@pytest.mark.parametrize(
    ("projects", "reason"),
    [
        ([project(1, "a", phase="nowhere")], "phase 'nowhere'"),
        ([project(1, "a", prerequisites=("nothing",))], "prerequisite 'nothing'"),
        ([project(1, "a", concepts=("nothing",))], "concept 'nothing'"),
        ([project(1, "a"), project(1, "b")], "given twice: 1"),
        ([project(1, "a"), project(2, "a")], "a slug and a number of its own"),
    ],
)
def test_a_name_that_nothing_answers_to_is_refused(store: Store, projects, reason: str) -> None:
    with pytest.raises(InvalidError, match=reason):
        put(store, *projects)
    with store.reading() as tx:
        assert tx.catalogue.courses() == []


@pytest.mark.parametrize(
    ("concepts", "reason"),
    [
        ((*CONCEPTS, replace(CONCEPTS[1], slug="other")), "same name: JSON"),
        ((*CONCEPTS, replace(CONCEPTS[1], name="Other")), "same slug: json"),
        ((*CONCEPTS, Concept("x", "X", "", "x.md", ("nothing",))), "related concept 'nothing'"),
    ],
)
def test_a_concept_that_does_not_fit_is_refused(store: Store, concepts, reason: str) -> None:
    with pytest.raises(InvalidError, match=reason):
        put(store, concepts=concepts)


def test_what_another_process_put_is_seen_at_once(open_store: Callable[[], Store]) -> None:
    one, other = open_store(), open_store()
    put(one)
    assert list(ids(other)) == ["server", "api", "client"]
    put(one, project(7, "seven"))
    assert list(ids(other)) == ["seven"]


def test_what_was_put_and_rolled_back_is_not_seen(store: Store) -> None:
    put(store)

    def fail_after_putting() -> None:
        with store.transaction() as tx:
            tx.catalogue.put(course(project(7, "seven")), CONCEPTS)
            assert [row.project.slug for row in tx.catalogue.projects()] == ["seven"]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_putting()
    assert list(ids(store)) == ["server", "api", "client"]


def test_reading_goes_on_seeing_the_projects_of_its_moment(open_store: Callable[[], Store]) -> None:
    one, other = open_store(), open_store()
    put(one)
    with other.reading() as tx:
        before = tx.catalogue.projects()
        put(one, project(7, "seven"))
        assert ids(other).keys() == {"seven"}
        assert tx.catalogue.projects() == before
    assert ids(other).keys() == {"seven"}

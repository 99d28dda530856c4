"""Progress rises with grades only; what it opens; what is mastered."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from milepost.domain.progress import (
    Progress,
    ProjectState,
    Status,
    after_grade,
    after_visit,
    mastery,
    state_of,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
DONE = Progress(Status.COMPLETED, 100, attempts=1, completed_at=NOW)


def test_a_first_grade_below_the_pass_mark_is_in_progress() -> None:
    assert after_grade(Progress(), 79, 80, NOW) == Progress(
        Status.IN_PROGRESS, 79, attempts=1, last_accessed=NOW
    )


def test_a_grade_at_the_pass_mark_completes() -> None:
    assert after_grade(Progress(), 80, 80, NOW) == Progress(
        Status.COMPLETED, 80, attempts=1, last_accessed=NOW, completed_at=NOW
    )


def test_a_worse_grade_takes_nothing_away() -> None:
    worse = after_grade(DONE, 10, 80, LATER)
    assert worse == replace(DONE, attempts=2, last_accessed=LATER)


def test_a_better_grade_keeps_the_first_completion() -> None:
    passed = after_grade(Progress(), 80, 80, NOW)
    better = after_grade(passed, 100, 80, LATER)
    assert (better.completion_percentage, better.completed_at) == (100, NOW)


def test_what_was_completed_stays_so_when_the_pass_mark_rises() -> None:
    passed = after_grade(Progress(), 80, 80, NOW)
    assert after_grade(passed, 85, 90, LATER).status is Status.COMPLETED


def test_a_zero_counts_as_an_attempt() -> None:
    assert after_grade(Progress(), 0, 80, NOW).status is Status.IN_PROGRESS


def test_a_visit_begins_a_project_and_adds_time() -> None:
    first = after_visit(Progress(), 30, NOW)
    assert first == Progress(Status.IN_PROGRESS, time_spent=30, last_accessed=NOW)
    assert after_visit(first, 15, LATER).time_spent == 45


def test_no_visit_raises_the_percentage_or_takes_a_completion_away() -> None:
    assert after_visit(Progress(), 10**6, NOW).completion_percentage == 0
    assert after_visit(DONE, 10, LATER).status is Status.COMPLETED


@pytest.mark.parametrize(
    ("own", "before", "expected"),
    [
        (Progress(), [], ProjectState.NOT_STARTED),
        (Progress(), [DONE], ProjectState.NOT_STARTED),
        (Progress(), [DONE, Progress()], ProjectState.LOCKED),
        (Progress(), [Progress(Status.IN_PROGRESS, 79)], ProjectState.LOCKED),
        (Progress(Status.IN_PROGRESS), [Progress()], ProjectState.IN_PROGRESS),
        (DONE, [Progress()], ProjectState.COMPLETED),
    ],
)
def test_a_project_is_locked_until_its_prerequisites_are_completed(
    own: Progress, before: list[Progress], expected: ProjectState
) -> None:
    assert state_of(own, before) is expected


def test_mastery_is_the_mean_of_the_best_scores_over_a_concepts_projects() -> None:
    concepts_of = {1: ["routes", "json"], 2: ["json"], 3: ["sql"]}
    assert mastery(concepts_of, {1: 100, 2: 51}) == {"routes": 100, "json": 75, "sql": 0}


def test_without_projects_nothing_is_mastered() -> None:
    assert mastery({}, {1: 100}) == {}

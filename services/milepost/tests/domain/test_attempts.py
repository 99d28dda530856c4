"""Points and percentages of an attempt."""

import pytest
from milepost.domain.attempts import CheckResult, Outcome, StepResult, Verdict


def check(points: float, max_points: float) -> CheckResult:
    return CheckResult(
        "cell", hidden=False, passed=points == max_points, points=points, max_points=max_points
    )


def outcome(*steps: list[CheckResult]) -> Outcome:
    results = tuple(StepResult(f"s{at}", "", "", tuple(checks)) for at, checks in enumerate(steps))
    return Outcome(Verdict.FAILED, results)


def test_a_step_is_passed_when_all_of_its_checks_are() -> None:
    assert StepResult("s", "", "", (check(1, 1), check(2, 2))).passed
    assert not StepResult("s", "", "", (check(1, 1), check(0, 2))).passed


def test_points_are_summed_over_steps_and_checks() -> None:
    graded = outcome([check(1, 1), check(0, 2)], [check(3.5, 3.5)])
    assert (graded.points, graded.max_points) == (4.5, 6.5)


@pytest.mark.parametrize(
    ("earned", "possible", "percent"), [(0, 3, 0), (2, 3, 66), (2.999, 3, 99), (3, 3, 100)]
)
def test_a_percentage_is_rounded_down_so_that_100_means_every_point(
    earned: float, possible: float, percent: int
) -> None:
    assert outcome([check(earned, possible)]).percent == percent


def test_full_marks_are_100_percent_in_whatever_parts_they_come() -> None:
    for parts in range(1, 40):
        for points in (0.1, 0.3, 0.7, 1.1, 2.5):
            assert outcome(*[[check(points, points)] for _ in range(parts)]).percent == 100


def test_what_has_no_points_scores_nothing() -> None:
    assert outcome().percent == 0
    assert outcome([check(0, 0)]).percent == 0

"""Results of an attempt: per step, per graded cell."""

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import Connection, Row, insert, select

from milepost.adapters.sql.tables.attempts import check_results, step_results
from milepost.domain.attempts import CheckResult, StepResult


def add(connection: Connection, attempt_id: int, steps: Sequence[StepResult]) -> None:
    """Store the results of an attempt that has none, in their order."""
    if not steps:
        return
    rows = [
        {
            "attempt_id": attempt_id,
            "position": position,
            "step": step.step,
            "title": step.title,
            "concept": step.concept,
        }
        for position, step in enumerate(steps)
    ]
    added = insert(step_results).returning(step_results.c.position, step_results.c.id)
    ids = {row.position: row.id for row in connection.execute(added, rows)}
    checks = [
        _check_values(ids[at], position, check)
        for at, step in enumerate(steps)
        for position, check in enumerate(step.checks)
    ]
    if checks:
        connection.execute(insert(check_results), checks)


def of_attempt(connection: Connection, attempt_id: int) -> tuple[StepResult, ...]:
    """Return the results in their order; empty before grading."""
    query = (
        select(
            step_results.c.position.label("at"),
            step_results.c.step,
            step_results.c.title,
            step_results.c.concept,
            check_results,
        )
        .outerjoin(check_results, check_results.c.step_result_id == step_results.c.id)
        .where(step_results.c.attempt_id == attempt_id)
        .order_by(step_results.c.position, check_results.c.position)
    )
    by_step = groupby(connection.execute(query), key=lambda row: row.at)
    return tuple(_step(list(rows)) for _, rows in by_step)


def _check_values(step_id: int, position: int, check: CheckResult) -> dict[str, object]:
    return {
        "step_result_id": step_id,
        "position": position,
        "cell": check.cell,
        "hidden": check.hidden,
        "passed": check.passed,
        "points": check.points,
        "max_points": check.max_points,
        "message": check.message,
    }


def _step(rows: Sequence[Row[tuple[object, ...]]]) -> StepResult:
    checks = tuple(
        CheckResult(row.cell, row.hidden, row.passed, row.points, row.max_points, row.message)
        for row in rows
        if row.cell is not None
    )
    return StepResult(rows[0].step, rows[0].title, rows[0].concept, checks)

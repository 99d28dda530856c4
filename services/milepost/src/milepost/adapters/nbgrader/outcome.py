"""From scores and errors by cell to an outcome by step."""

from collections.abc import Mapping

from milepost.adapters.course_files.schema import HIDDEN
from milepost.adapters.nbgrader.execute import Execution
from milepost.adapters.nbgrader.kernel import End
from milepost.adapters.nbgrader.messages import (
    Budget,
    why_ended,
    why_failed,
    why_hidden_failed,
)
from milepost.domain.attempts import CheckResult, StepResult, Verdict
from milepost.domain.catalogue import Project, Step

_VERDICTS = {
    End.TIMED_OUT: Verdict.TIMED_OUT,
    End.OUT_OF_MEMORY: Verdict.OUT_OF_MEMORY,
    End.CRASHED: Verdict.CRASHED,
    End.FLOODED: Verdict.OUTPUT_FLOOD,
}
_NOT_FULL = "This check gave a part of its points."


class Explainer:
    """Puts what happened into words for the learner, with the texts of the learner's files."""

    def __init__(self, execution: Execution, files: Mapping[str, str], budget: Budget) -> None:
        self._execution = execution
        self._files = files
        self._budget = budget

    def whole(self) -> str:
        """Return what went wrong with the whole notebook; empty where nothing did."""
        if self._execution.fatal is not None:
            return why_ended(self._execution.fatal, self._execution.fatal_cell, self._budget)
        if self._execution.learner_error is not None:
            said = why_failed(self._execution.learner_error, self._files)
            return f"A cell before the checks stopped with {said}"
        return ""

    def check(self, cell: str, hints: tuple[str, ...]) -> str:
        """Return why a check did not give its points."""
        error = self._execution.errors.get(cell)
        fatal = self._execution.fatal
        if error is not None and fatal is not None and error.ename == fatal.value:
            return f"This check did not run. {self.whole()}"
        if cell.endswith(HIDDEN):
            return why_hidden_failed(hints)
        return why_failed(error, self._files) if error is not None else _NOT_FULL


def steps_of(
    project: Project,
    maxima: Mapping[str, float],
    scores: Mapping[str, float],
    explain: Explainer,
) -> tuple[StepResult, ...]:
    """Return the results by step; `maxima` and `scores` are points by grade id."""

    def check(step: Step, cell: str) -> CheckResult:
        points, most = scores.get(cell, 0.0), maxima[cell]
        passed = points >= most
        message = "" if passed else explain.check(cell, step.hints)
        return CheckResult(cell, cell.endswith(HIDDEN), passed, points, most, message)

    return tuple(
        StepResult(
            step.id,
            step.title,
            step.concept,
            tuple(check(step, cell) for cell in (step.id, step.id + HIDDEN) if cell in maxima),
        )
        for step in project.steps
    )


def zero_steps(
    project: Project, maxima: Mapping[str, float], message: str
) -> tuple[StepResult, ...]:
    """Return results without a point, all for the same reason."""
    return tuple(
        StepResult(
            step.id,
            step.title,
            step.concept,
            tuple(
                CheckResult(cell, cell.endswith(HIDDEN), False, 0.0, maxima[cell], message)
                for cell in (step.id, step.id + HIDDEN)
                if cell in maxima
            ),
        )
        for step in project.steps
    )


def verdict_of(steps: tuple[StepResult, ...], execution: Execution) -> Verdict:
    """Return how the attempt ended."""
    if all(step.passed for step in steps):
        return Verdict.PASSED
    if execution.fatal is not None:
        return _VERDICTS[execution.fatal]
    errors = [*execution.errors.values(), execution.learner_error]
    if any(error is not None and error.ename == "MemoryError" for error in errors):
        return Verdict.OUT_OF_MEMORY
    return Verdict.FAILED

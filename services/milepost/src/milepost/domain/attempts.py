"""Attempts: their states, their verdicts, and what a judge reports of one."""

from dataclasses import dataclass
from enum import StrEnum
from math import floor

_ROUNDING = 1e-9


class AttemptState(StrEnum):
    """Where an attempt stands on its way to a grade."""

    QUEUED = "queued"
    RUNNING = "running"
    GRADED = "graded"
    DEAD = "dead"


class Verdict(StrEnum):
    """How a graded attempt ended: always a word about the learner's work, never about ours."""

    PASSED = "passed"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    OUTPUT_FLOOD = "output_flood"
    NO_NOTEBOOK = "no_notebook"
    BAD_NOTEBOOK = "bad_notebook"


@dataclass(frozen=True)
class CheckResult:
    """One graded cell. `message` is made for the learner; a hidden cell's shows no test source."""

    cell: str
    hidden: bool
    passed: bool
    points: float
    max_points: float
    message: str = ""


@dataclass(frozen=True)
class StepResult:
    """One step: it is passed when all of its checks are."""

    step: str
    title: str
    concept: str
    checks: tuple[CheckResult, ...]

    @property
    def passed(self) -> bool:
        """Whether every check of the step passed."""
        return all(check.passed for check in self.checks)

    @property
    def points(self) -> float:
        """Points earned."""
        return sum(check.points for check in self.checks)

    @property
    def max_points(self) -> float:
        """Points that could be earned."""
        return sum(check.max_points for check in self.checks)


@dataclass(frozen=True)
class Outcome:
    """What the judge found. `message` says in plain words what went wrong with the whole."""

    verdict: Verdict
    steps: tuple[StepResult, ...]
    message: str = ""
    tests_digest: str = ""
    sandbox_digest: str = ""
    seconds: float = 0.0
    flags: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        """Points earned over all steps."""
        return sum(step.points for step in self.steps)

    @property
    def max_points(self) -> float:
        """Points that could be earned over all steps."""
        return sum(step.max_points for step in self.steps)

    @property
    def percent(self) -> int:
        """The score, 0 to 100, rounded down so that 100 means every point."""
        if not self.max_points:
            return 0
        # Binary fractions: 100 * 1.1 / 1.1 is 100.00000000000001, other full marks fall short.
        return floor(100 * self.points / self.max_points + _ROUNDING)

"""How states, verdicts and figures are put in words for a learner."""

from datetime import UTC, datetime

from milepost.domain.attempts import AttemptState, Verdict
from milepost.domain.progress import ProjectState
from milepost.usecases.show_submission import AttemptView

STATE = {
    ProjectState.LOCKED: "Locked",
    ProjectState.NOT_STARTED: "Not started",
    ProjectState.IN_PROGRESS: "In progress",
    ProjectState.COMPLETED: "Completed",
}

VERDICT = {
    Verdict.PASSED: "All steps passed",
    Verdict.FAILED: "Some steps failed",
    Verdict.TIMED_OUT: "Took too long",
    Verdict.OUT_OF_MEMORY: "Ran out of memory",
    Verdict.CRASHED: "The program crashed",
    Verdict.OUTPUT_FLOOD: "Printed far too much",
    Verdict.NO_NOTEBOOK: "The notebook is missing",
    Verdict.BAD_NOTEBOOK: "The notebook cannot be read",
}

_HOUR = 60


def headline(view: AttemptView) -> str:
    """Return an attempt's outcome, or where it stands, in a few words."""
    attempt = view.attempt
    if attempt.verdict is not None:
        return VERDICT[attempt.verdict]
    return {
        AttemptState.QUEUED: "Waiting to be graded",
        AttemptState.RUNNING: "Being graded now",
        AttemptState.DEAD: "Grading failed on our side",
        AttemptState.GRADED: "Graded",
    }[attempt.state]


def announcement(view: AttemptView, title: str) -> str:
    """Return the sentence that a screen reader says when an attempt changes."""
    attempt = view.attempt
    if attempt.points is None or attempt.max_points is None:
        return f"{title}: {headline(view)}."
    passed = sum(step.passed for step in view.steps)
    return (
        f"{title}, graded: {points(attempt.points)} of {points(attempt.max_points)} "
        f"points, {passed} of {len(view.steps)} steps passed."
    )


def points(number: float | None) -> str:
    """Return points without needless decimals."""
    return f"{number or 0:.2f}".rstrip("0").rstrip(".")


def duration(minutes: int) -> str:
    """Return a number of minutes as a person would say it."""
    hours, rest = divmod(minutes, _HOUR)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def time_spent(seconds: int) -> str:
    """Return a number of seconds as a person would say it, to the minute."""
    return duration(seconds // 60)


def instant(at: datetime) -> str:
    """Return an instant in UTC, for whom script does not put it in their own time zone."""
    return f"{at.astimezone(UTC):%d %b %Y, %H:%M} UTC"


def iso(at: datetime) -> str:
    """Return an instant as machines read it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

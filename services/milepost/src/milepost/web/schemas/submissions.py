"""Documents about attempts and their results."""

from collections.abc import Iterable
from typing import Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field

from milepost.domain.attempts import AttemptState, CheckResult, StepResult, Verdict
from milepost.ports.store import AttemptRow
from milepost.usecases.page import Page
from milepost.usecases.show_submission import AttemptView
from milepost.web.schemas.common import LARGEST_ID, Line, Paging, cursor_of


class SubmissionQuery(Paging):
    """Which attempts. Instructors get everybody's of their courses unless they name a learner."""

    course: Line | None = None
    project: Line | None = None
    username: Line | None = None
    latest: bool = Field(False, description="Only the newest of each learner and project.")


class Receipt(BaseModel):
    """That an attempt was taken in: keep it as proof. `sha256` is the archive's."""

    id: int = Field(ge=1, le=LARGEST_ID)
    course: str
    project: str
    username: str
    sha256: str
    submitted_at: AwareDatetime
    state: AttemptState
    url: str

    @classmethod
    def of(cls, attempt: AttemptRow, api: str) -> Self:
        """Show the receipt; `api` is the path of the API."""
        return cls(**_receipt(attempt, api))


class SubmissionItem(Receipt):
    """An attempt and its grade; `score` and `max_score` in points, `percent` 0 to 100."""

    score: float | None
    max_score: float | None
    percent: int | None
    verdict: Verdict | None
    message: str
    graded_at: AwareDatetime | None
    feedback: str | None = Field(description="SHA-256 of the instructor's feedback.")

    @classmethod
    def of(cls, attempt: AttemptRow, api: str) -> Self:
        """Show an attempt."""
        return cls(**_item(attempt, api))


class SubmissionPage(BaseModel):
    """Attempts, newest first."""

    items: list[SubmissionItem]
    next: str | None

    @classmethod
    def of(cls, page: Page[AttemptRow], api: str) -> Self:
        """Show a part of the list."""
        items = [SubmissionItem.of(row, api) for row in page.items]
        return cls(items=items, next=cursor_of(page.next))


class CheckItem(BaseModel):
    """A graded cell. A hidden one's message shows nothing of its source."""

    cell: str
    hidden: bool
    passed: bool
    points: float
    max_points: float
    message: str

    @classmethod
    def of(cls, check: CheckResult) -> Self:
        """Show a check."""
        return cls.model_validate(vars(check))


class StepResultItem(BaseModel):
    """The result of a step. `concept` is `<slug>#<paragraph>`."""

    step: str
    title: str
    points: float
    max_points: float
    passed: bool
    checks: list[CheckItem]
    concept: str

    @classmethod
    def of(cls, result: StepResult) -> Self:
        """Show a step's result."""
        return cls(
            step=result.step,
            title=result.title,
            points=result.points,
            max_points=result.max_points,
            passed=result.passed,
            checks=[CheckItem.of(check) for check in result.checks],
            concept=result.concept,
        )


class SubmissionDetail(SubmissionItem):
    """An attempt with its results per step, empty before grading."""

    steps: list[StepResultItem]
    flags: list[str] | None = Field(
        description="Signs of tampering with what is graded, such as a changed test cell, that "
        "were put right before grading. For instructors of the course; null for everybody else."
    )

    @classmethod
    def shown(cls, view: AttemptView, api: str) -> Self:
        """Show an attempt whole."""
        flags = None if view.flags is None else list(view.flags)
        return cls(**_item(view.attempt, api), steps=_steps(view.steps), flags=flags)


class FeedbackDocument(BaseModel):
    """That feedback was attached."""

    id: int
    feedback: str
    state: Literal["released"] = "released"


def _steps(results: Iterable[StepResult]) -> list[StepResultItem]:
    return [StepResultItem.of(result) for result in results]


def _receipt(attempt: AttemptRow, api: str) -> dict[str, Any]:
    return {
        "id": attempt.id,
        "course": attempt.course,
        "project": attempt.project,
        "username": attempt.username,
        "sha256": attempt.sha256,
        "submitted_at": attempt.submitted_at,
        "state": attempt.state,
        "url": f"{api}/submissions/{attempt.id}",
    }


def _item(attempt: AttemptRow, api: str) -> dict[str, Any]:
    return _receipt(attempt, api) | {
        "score": attempt.points,
        "max_score": attempt.max_points,
        "percent": attempt.percent,
        "verdict": attempt.verdict,
        "message": attempt.message,
        "graded_at": attempt.graded_at,
        "feedback": attempt.feedback,
    }

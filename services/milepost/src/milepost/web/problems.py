"""Errors as problem documents (RFC 9457): the one place that knows which status means what."""

from http import HTTPStatus

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from tornado.web import HTTPError

from milepost.domain import errors

MEDIA_TYPE = "application/problem+json"

_STATUS: dict[type[errors.DomainError], tuple[HTTPStatus, str]] = {
    errors.LockedError: (HTTPStatus.FORBIDDEN, "urn:milepost:locked"),
    errors.ForbiddenError: (HTTPStatus.FORBIDDEN, "urn:milepost:forbidden"),
    errors.NotFoundError: (HTTPStatus.NOT_FOUND, "urn:milepost:not-found"),
    errors.ConflictError: (HTTPStatus.CONFLICT, "urn:milepost:conflict"),
    errors.TooLargeError: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "urn:milepost:too-large"),
    errors.TooManyError: (HTTPStatus.TOO_MANY_REQUESTS, "urn:milepost:too-many"),
    errors.InvalidError: (HTTPStatus.UNPROCESSABLE_ENTITY, "urn:milepost:invalid"),
}


class FieldProblem(BaseModel):
    """What is wrong with one part of a request."""

    where: str
    message: str


class Problem(BaseModel):
    """A problem document."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] | None = None


class ProblemError(HTTPError):
    """An error that carries its problem document."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.status)
        self.problem = problem


def problem(
    status: HTTPStatus | int,
    detail: str,
    *,
    kind: str = "about:blank",
    fields: list[FieldProblem] | None = None,
) -> ProblemError:
    """Return an error of this status, with a sentence that says what to do."""
    title = _title(status)
    return ProblemError(
        Problem(type=kind, title=title, status=int(status), detail=detail, errors=fields)
    )


def from_domain(error: errors.DomainError) -> ProblemError:
    """Return a rule's refusal as an HTTP error."""
    for kind, (status, urn) in _STATUS.items():
        if isinstance(error, kind):
            return problem(status, str(error), kind=urn)
    raise TypeError(f"{type(error).__name__} has no HTTP status") from error


def from_validation(error: ValidationError, where: str) -> ProblemError:
    """Return what pydantic found wrong: 400 for what is no JSON at all, else 422."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if any(item["type"] == "json_invalid" for item in found):
        return problem(HTTPStatus.BAD_REQUEST, f"The {where} is not valid JSON.")
    fields = [_field(item, where) for item in found[:20]]
    detail = "; ".join(f"{item.where}: {item.message}" for item in fields[:3])
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, detail, kind="urn:milepost:invalid", fields=fields
    )


def from_exception(status: int, error: BaseException | None) -> Problem:
    """Return the document for whatever ended a request; what is ours is not told."""
    if isinstance(error, ProblemError):
        return error.problem
    known = isinstance(error, HTTPError) and status < HTTPStatus.INTERNAL_SERVER_ERROR
    detail = _detail(error) if known and isinstance(error, HTTPError) else _OURS
    return Problem(title=_title(status), status=status, detail=detail)


_OURS = "Something went wrong on our side; try again, and tell the operator if it stays."


def _title(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"


def _detail(error: HTTPError) -> str:
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return "This address does not answer to that method."
    return error.log_message or f"{_title(error.status_code)}."


def _field(item: ErrorDetails, where: str) -> FieldProblem:
    path = ".".join(str(part)[:100] for part in item["loc"])
    return FieldProblem(where=f"{where}.{path}" if path else where, message=item["msg"])

"""Declaring an operation of the API: what goes in, what comes out, and what it is for.

A handler's method is wrapped once by `operation`; both the request's way through the handler and
the OpenAPI document follow from the same declaration, so that neither can be out of date.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, TypedDict, Unpack

from pydantic import BaseModel

if TYPE_CHECKING:
    from milepost.web.api.handler import ApiHandler

ARCHIVE = "application/gzip"
EVENT_STREAM = "text/event-stream"
ARCHIVE_TYPES = frozenset({ARCHIVE, "application/x-gzip", "application/octet-stream"})


@dataclass(frozen=True)
class Operation:
    """One method of one address.

    `body` and `response` are a model, or ARCHIVE or EVENT_STREAM; None means nothing.
    """

    summary: str
    response: type[BaseModel] | str | None
    query: type[BaseModel] | None = None
    body: type[BaseModel] | str | None = None
    status: HTTPStatus = HTTPStatus.OK
    errors: tuple[HTTPStatus, ...] = ()
    headers: tuple[str, ...] = ()
    public: bool = False


@dataclass(frozen=True)
class Answer:
    """A document with a status or headers of its own."""

    model: BaseModel
    status: HTTPStatus = HTTPStatus.OK
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Blob:
    """Stored bytes, sent unless the client has them already."""

    sha256: str


Result = BaseModel | Answer | Blob | None
Method = Callable[..., Awaitable[None]]


class Options(TypedDict, total=False):
    """The optional parts of an Operation."""

    query: type[BaseModel]
    body: type[BaseModel] | str
    status: HTTPStatus
    errors: tuple[HTTPStatus, ...]
    headers: tuple[str, ...]
    public: bool


def operation(
    summary: str, *, response: type[BaseModel] | str | None, **rest: Unpack[Options]
) -> Callable[[Callable[..., Result]], Method]:
    """Declare a method. It runs in the thread pool, and may block.

    It is called with the parts of the path, then with `actor` unless it is public, `query` and
    `body` where they are declared; it returns a model, an Answer, a Blob or None.
    """
    declared = Operation(summary, response, **rest)

    def declare(function: Callable[..., Result]) -> Method:
        @wraps(function)
        async def method(handler: "ApiHandler", **path: str) -> None:
            await handler.perform(declared, function, path)

        return _marked(method, declared)

    return declare


def streaming(
    summary: str, *, response: str, **rest: Unpack[Options]
) -> Callable[[Callable[..., Awaitable[None]]], Method]:
    """Declare a method that writes its answer itself, in the event loop.

    It is called with `actor` and, where it is declared, `query`.
    """
    declared = Operation(summary, response, **rest)

    def declare(function: Callable[..., Awaitable[None]]) -> Method:
        @wraps(function)
        async def method(handler: "ApiHandler", **path: str) -> None:
            handler.must_be_admitted()
            await function(handler, **handler.arguments_of(declared, path))

        return _marked(method, declared)

    return declare


def declared_on(method: object) -> Operation | None:
    """Return the declaration of a handler's method, or None where it has none."""
    found = getattr(method, "operation", None)
    return found if isinstance(found, Operation) else None


def _marked(method: Method, declared: Operation) -> Method:
    method.operation = declared  # type: ignore[attr-defined]
    return method

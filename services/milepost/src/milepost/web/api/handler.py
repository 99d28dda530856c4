"""How a request to the API is met: sign-in, body, arguments, errors, answer."""

import sys
from collections.abc import Callable
from http import HTTPStatus

from pydantic import BaseModel, ValidationError
from tornado.web import HTTPError, stream_request_body

from milepost.domain.errors import DomainError
from milepost.usecases.actor import Actor
from milepost.web import problems
from milepost.web.auth import identify
from milepost.web.body import BodyFile
from milepost.web.handler import MilepostHandler
from milepost.web.operation import (
    ARCHIVE,
    ARCHIVE_TYPES,
    Answer,
    Blob,
    Operation,
    Result,
    declared_on,
)

JSON = "application/json"


@stream_request_body
class ApiHandler(MilepostHandler):
    """An address of the API. Bodies are read as they arrive, once it is known who sends them."""

    actor: Actor | None = None
    body: BodyFile
    refusal: HTTPError | None = None

    async def prepare(self) -> None:
        """Find out who is there, and get ready for the body.

        A refusal waits until the body has been read (and dropped): tornado would otherwise close
        the connection unannounced, and the next request over it would fail in the proxy.
        """
        declared = declared_on(getattr(self, (self.request.method or "").lower(), None))
        archive = declared is not None and declared.body == ARCHIVE
        self.body = BodyFile(self.web.max_archive if archive else self.web.max_json)
        self.body.expect(self.request)
        if declared is not None and not declared.public:
            try:
                await self.admit()
            except HTTPError as error:
                self.refuse(error)

    async def admit(self) -> None:
        """Find out who is there. Raises problems."""
        self.actor = self.current_user = await identify(self)
        if self.actor is None:
            raise problems.problem(
                HTTPStatus.UNAUTHORIZED,
                "Sign in at the Hub, or send a Hub token as “Authorization: token …”.",
            )

    def refuse(self, error: HTTPError) -> None:
        """Drop the body, and answer with this error when it has been read."""
        self.refusal = error
        self.body.close()
        self.body = BodyFile(0)

    def data_received(self, chunk: bytes) -> None:
        """Take a chunk of the body."""
        self.body.add(chunk)

    def on_finish(self) -> None:
        """Let go of the body."""
        super().on_finish()
        if hasattr(self, "body"):
            self.body.close()

    def must_be_admitted(self) -> None:
        """Raise the refusal, if there is one."""
        if self.refusal is not None:
            raise self.refusal

    async def perform(
        self, declared: Operation, function: Callable[..., Result], path: dict[str, str]
    ) -> None:
        """Call the declared function in a thread, and send what it returns."""
        self.must_be_admitted()

        def work() -> Result:
            return function(self, **self.arguments_of(declared, path))

        try:
            result = await self.services.in_thread(work)
        except DomainError as error:
            raise problems.from_domain(error) from error
        await self._send(result, declared.status)

    def arguments_of(self, declared: Operation, path: dict[str, str]) -> dict[str, object]:
        """Return what a declared function is called with. Raises problems."""
        given: dict[str, object] = {
            name: int(text) if name.endswith("id") else text for name, text in path.items()
        }
        if not declared.public:
            given["actor"] = self.actor
        if declared.query is not None:
            given["query"] = self._query(declared.query)
        if declared.body is not None:
            given["body"] = self._body(declared.body)
        return given

    def write_error(self, status_code: int, **_: object) -> None:
        """Answer with a problem document."""
        document = problems.from_exception(status_code, sys.exception())
        self.set_header("Content-Type", problems.MEDIA_TYPE)
        if status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            self.set_header("Allow", self._methods())
        if status_code == HTTPStatus.UNAUTHORIZED:
            self.set_header("WWW-Authenticate", "Bearer")
        if status_code in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
            self.set_header("Retry-After", "5")
        self.finish(document.model_dump_json(exclude_none=True))

    def _methods(self) -> str:
        declared = (name for name in self.SUPPORTED_METHODS if self._declares(name))
        return ", ".join(declared)

    def _declares(self, method: str) -> bool:
        return declared_on(getattr(self, method.lower(), None)) is not None

    def _query(self, model: type[BaseModel]) -> BaseModel:
        try:
            arguments = {
                name: values[-1].decode() for name, values in self.request.query_arguments.items()
            }
            return model.model_validate(arguments)
        except UnicodeDecodeError as error:
            raise problems.problem(HTTPStatus.BAD_REQUEST, "The query is not UTF-8.") from error
        except ValidationError as error:
            raise problems.from_validation(error, "query") from error

    def _body(self, wanted: type[BaseModel] | str) -> bytes | BaseModel:
        allowed = ARCHIVE_TYPES if wanted == ARCHIVE else frozenset({JSON})
        given = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if given not in allowed:
            raise problems.problem(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                f"Send the body as {ARCHIVE if wanted == ARCHIVE else JSON}.",
            )
        data = self.body.read()
        if isinstance(wanted, str):
            return data
        try:
            return wanted.model_validate_json(data)
        except ValidationError as error:
            raise problems.from_validation(error, "body") from error

    async def _send(self, result: Result, status: HTTPStatus) -> None:
        if isinstance(result, Blob):
            await self._send_blob(result)
        elif result is None:
            self.set_status(HTTPStatus.NO_CONTENT)
            self.finish()
        else:
            answer = result if isinstance(result, Answer) else Answer(result, status)
            self.set_status(answer.status)
            self.set_header("Content-Type", JSON)
            for name, value in answer.headers:
                self.set_header(name, value)
            self.finish(answer.model.model_dump_json())

    async def _send_blob(self, blob: Blob) -> None:
        self.set_header("ETag", f'"{blob.sha256}"')
        if self.check_etag_header():
            self.set_status(HTTPStatus.NOT_MODIFIED)
            self.finish()
            return
        data = await self.services.in_thread(lambda: self.deps.blobs.get(blob.sha256))
        self.set_header("Content-Type", ARCHIVE)
        self.set_header("Content-Disposition", f'attachment; filename="{blob.sha256[:12]}.tar.gz"')
        self.finish(data)


class NoSuchAddress(ApiHandler):
    """Whatever is not in the API."""

    async def _absent(self, *_: str) -> None:
        raise problems.problem(HTTPStatus.NOT_FOUND, "There is no such address in this API.")

    get = put = post = delete = patch = head = options = _absent

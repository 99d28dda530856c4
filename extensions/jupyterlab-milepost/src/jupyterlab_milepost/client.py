"""The Milepost service's HTTP API, as the exchange and the server extension use it."""

import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Self, TypeVar
from urllib.parse import quote

from jupyterlab_milepost.archive import MEDIA_TYPE, digest
from jupyterlab_milepost.records import Project, Submission
from jupyterlab_milepost.transport import ServiceError, Transport, json_of

RETRY_DELAYS = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds to wait before each further try: long enough for the service to restart."""

_PAGE = "100"
_ARCHIVE = {"Content-Type": MEDIA_TYPE}

T = TypeVar("T")


class MilepostClient:
    """Calls the service with one user's Hub token. Use it in a `with` block.

    Every method raises ServiceError. Calls are tried again where that does no harm.
    """

    def __init__(
        self, api_url: str, token: str, *, retry_delays: Sequence[float] = RETRY_DELAYS
    ) -> None:
        self._transport = Transport(api_url, token, retry_delays)

    @classmethod
    def from_environment(cls, *, retry_delays: Sequence[float] = RETRY_DELAYS) -> Self:
        """Build a client from MILEPOST_API_URL and JUPYTERHUB_API_TOKEN."""
        for name in ("MILEPOST_API_URL", "JUPYTERHUB_API_TOKEN"):
            if not os.environ.get(name):
                raise ServiceError(
                    f"This is not a Milepost server ({name} is not set): sign in to Milepost, "
                    "start your server there, and run nbgrader in it."
                )
        return cls(
            os.environ["MILEPOST_API_URL"],
            os.environ["JUPYTERHUB_API_TOKEN"],
            retry_delays=retry_delays,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._transport.close()

    @property
    def api_url(self) -> str:
        """The address that all calls go below."""
        return self._transport.api_url

    def courses(self) -> list[str]:
        """Return the slugs of the user's courses."""
        return [str(item["slug"]) for item in self._items("/courses")]

    def projects(self, course: str) -> list[Project]:
        """Return the released projects of a course."""
        items = self._items(_path("courses", course, "projects"))
        return [_understood(partial(Project.from_json, course, item)) for item in items]

    def project_archive(self, course: str, project: str) -> bytes:
        """Return the files of a released project. A learner's locked project is refused (403)."""
        return self._archive(_path("courses", course, "projects", project, "archive"))

    def release(self, course: str, project: str, archive: bytes) -> None:
        """Release a project, or replace a released one."""
        path = _path("courses", course, "projects", project, "archive")
        self._transport.call("PUT", path, content=archive, headers=_ARCHIVE)

    def unrelease(self, course: str, project: str) -> None:
        """Take a released project back."""
        self._transport.call("DELETE", _path("courses", course, "projects", project, "archive"))

    def submit(self, course: str, project: str, archive: bytes) -> dict[str, Any]:
        """Submit a project's files once, however often the call has to be tried.

        Returns the receipt as the service wrote it.
        """
        response = self._transport.call(
            "POST",
            _path("courses", course, "projects", project, "submissions"),
            content=archive,
            headers=_ARCHIVE | {"Idempotency-Key": f"{digest(archive)}-{uuid.uuid4().hex}"},
        )
        receipt = json_of(response)
        _understood(partial(Submission.from_json, receipt))
        return receipt

    def submissions(self, **filters: str) -> list[Submission]:
        """Return submissions, filtered by `course`, `project`, `username`, `latest`."""
        items = self._items("/submissions", limit=_PAGE, **filters)
        return [_understood(partial(Submission.from_json, item)) for item in items]

    def result(self, submission_id: int) -> dict[str, Any]:
        """Return one of the user's submissions with its results per step, as the service has it."""
        return json_of(self._transport.call("GET", _path("submissions", str(submission_id))))

    def submission_archive(self, submission: Submission) -> bytes:
        """Return the files that were handed in."""
        return self._archive(_path("submissions", submission.id, "archive"))

    def feedback(self, submission: Submission) -> bytes:
        """Return the archive of a submission's feedback pages."""
        return self._archive(_path("submissions", submission.id, "feedback"))

    def release_feedback(self, submission: Submission, archive: bytes) -> None:
        """Give a submission its feedback pages, in place of any earlier ones."""
        path = _path("submissions", submission.id, "feedback")
        self._transport.call("PUT", path, content=archive, headers=_ARCHIVE)

    def record_opening(self, course: str, project: str) -> None:
        """Tell the service that the user opens a project now."""
        for item in self._items("/projects", course=course, limit=_PAGE):
            if item.get("slug") == project:
                body = {"project_id": item["id"], "opened": True}
                self._transport.call("POST", "/progress", json=body, retry=False)
                return

    def _items(self, path: str, **filters: str) -> Iterator[dict[str, Any]]:
        cursor: str | None = None
        while True:
            place = {"cursor": cursor} if cursor else {}
            page = json_of(self._transport.call("GET", path, params=filters | place))
            yield from page.get("items", [])
            cursor = page.get("next")
            if not cursor:
                return

    def _archive(self, path: str) -> bytes:
        response = self._transport.call("GET", path)
        expected = response.headers.get("ETag", "").strip('"')
        if expected and digest(response.content) != expected:
            raise ServiceError("The files arrived damaged: try again.")
        return response.content


def _path(*parts: str) -> str:
    return "".join("/" + quote(part, safe="") for part in parts)


def _understood(read: Callable[[], T]) -> T:
    try:
        return read()
    except (KeyError, TypeError, ValueError) as error:
        raise ServiceError(
            f"Milepost's answer was not understood ({type(error).__name__}: {error}): "
            "the versions of jupyterlab-milepost and of the service may not match."
        ) from error

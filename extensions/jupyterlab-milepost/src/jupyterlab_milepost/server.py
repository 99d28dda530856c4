"""The Jupyter server extension: open a project from the dashboard, submit it from JupyterLab."""

import asyncio
import os
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.utils import url_path_join
from nbgrader.exchange import ExchangeError
from tornado import web

from jupyterlab_milepost.names import NameRefusedError
from jupyterlab_milepost.pages import CONTENT_SECURITY_POLICY, problem_page
from jupyterlab_milepost.transport import ServiceError
from jupyterlab_milepost.workspace import Workspace

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

_PROJECT = r"(?P<course>[^/]+)/(?P<project>[^/]+)"
_SUBMISSION = r"(?P<submission>[0-9]{1,18})"
_SETTING = "milepost"


class Milepost:
    """What the handlers share. One transfer at a time: two tabs may ask for the same project."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.turn = asyncio.Lock()


class OpenHandler(JupyterHandler):
    """`GET milepost/open/<course>/<project>`: fetch the project if need be, and show it."""

    @web.authenticated
    async def get(self, course: str, project: str) -> None:
        """Redirect to the project's notebook in JupyterLab, or say why that cannot be."""
        milepost: Milepost = self.settings[_SETTING]
        try:
            async with milepost.turn:
                path = await asyncio.to_thread(milepost.workspace.open, course, project)
        except (ExchangeError, NameRefusedError) as error:
            self._explain(error)
            return
        asyncio.get_running_loop().run_in_executor(
            None, milepost.workspace.record_opening, course, project
        )
        self.redirect(url_path_join(self.base_url, "lab/tree", quote(str(path))))

    def _explain(self, error: Exception) -> None:
        status = status_of(error)
        self.set_status(status)
        self.set_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        title, advice = _ADVICE.get(status, _ADVICE[HTTPStatus.BAD_GATEWAY])
        retry_url = self.request.path if status >= HTTPStatus.INTERNAL_SERVER_ERROR else None
        self.finish(problem_page(title, str(error), advice, retry_url=retry_url))


class SubmitHandler(APIHandler):
    """`POST milepost/submit/<course>/<project>`: hand in, answer with the receipt.

    Jupyter's own check of the XSRF token applies.
    """

    @web.authenticated
    async def post(self, course: str, project: str) -> None:
        """Answer the receipt as JSON; an error is `{"message": …}` with a fitting status."""
        milepost: Milepost = self.settings[_SETTING]
        try:
            async with milepost.turn:
                receipt = await asyncio.to_thread(milepost.workspace.submit, course, project)
        except (ExchangeError, NameRefusedError) as error:
            self.set_status(status_of(error))
            self.finish({"message": str(error)})
            return
        self.finish(receipt)


class ResultHandler(APIHandler):
    """`GET milepost/result/<submission>`: the grade, once there is one."""

    @web.authenticated
    async def get(self, submission: str) -> None:
        """Answer the submission as the service shows it; an error as `SubmitHandler` does."""
        milepost: Milepost = self.settings[_SETTING]
        try:
            result = await asyncio.to_thread(milepost.workspace.result, int(submission))
        except ExchangeError as error:
            self.set_status(status_of(error))
            self.finish({"message": str(error)})
            return
        self.finish(result)


def status_of(error: Exception) -> int:
    """Return the HTTP status that tells the browser about a failed transfer."""
    if isinstance(error, NameRefusedError):
        return HTTPStatus.NOT_FOUND
    if isinstance(error, ServiceError):
        known = error.status is not None and error.status in _ADVICE
        return error.status if known and error.status else HTTPStatus.BAD_GATEWAY
    return HTTPStatus.CONFLICT


_ADVICE: dict[int, tuple[str, str]] = {
    HTTPStatus.UNAUTHORIZED: (
        "Your server has to be restarted",
        "Stop your server in the Hub's control panel, then open the project again.",
    ),
    HTTPStatus.FORBIDDEN: (
        "This project is not open to you yet",
        "Your dashboard shows what comes first.",
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        "Too many submissions are waiting",
        "Wait until one of them is graded: your dashboard shows it.",
    ),
    HTTPStatus.NOT_FOUND: (
        "There is no such project",
        "Pick a project on your dashboard.",
    ),
    HTTPStatus.CONFLICT: (
        "The project could not be put into your files",
        "Look at the project's folder in JupyterLab, move what is in the way, and try again.",
    ),
    HTTPStatus.BAD_GATEWAY: (
        "Milepost cannot be reached",
        "Nothing is lost: your files are as they were. Wait a minute, then try again.",
    ),
}


def _load_jupyter_server_extension(app: "ServerApp") -> None:
    root = Path(app.root_dir).resolve()
    # nbgrader's extensions and the server's terminals inherit it: see Exchange.assignment_dir.
    os.environ["MILEPOST_LEARNER_ROOT"] = str(root)
    app.web_app.settings[_SETTING] = Milepost(Workspace(root, app.log))
    base = app.web_app.settings["base_url"]
    app.web_app.add_handlers(  # type: ignore[no-untyped-call]
        ".*$",
        [
            (url_path_join(base, "milepost/open", _PROJECT), OpenHandler),
            (url_path_join(base, "milepost/submit", _PROJECT), SubmitHandler),
            (url_path_join(base, "milepost/result", _SUBMISSION), ResultHandler),
        ],
    )

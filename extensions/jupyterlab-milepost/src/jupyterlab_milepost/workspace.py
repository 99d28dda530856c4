"""What the server extension does for its user: open a project, hand it in.

Everything here blocks, and is meant for a thread.
"""

import logging
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from nbgrader.apps import NbGrader
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from jupyterlab_milepost.archive import ArchiveError
from jupyterlab_milepost.archive_names import check_name
from jupyterlab_milepost.client import MilepostClient
from jupyterlab_milepost.exchange import Exchange, ExchangeFetchAssignment, ExchangeSubmit
from jupyterlab_milepost.names import course_name, project_name
from jupyterlab_milepost.transport import ServiceError

Transfer = TypeVar("Transfer", bound=Exchange)


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder that the Jupyter server serves, with the learner's projects in it."""

    root: Path
    log: logging.Logger

    def open(self, course: str, project: str) -> PurePosixPath:
        """Return the path of a project's notebook below the root, fetching what is missing.

        A project that is here already opens even when the service is away.

        Raises ExchangeError (ServiceError with the HTTP status, where the service refused) and
        NameRefusedError.
        """
        course, project = course_name(course), project_name(project)
        folder = self.root / course / project
        try:
            notebook = self._notebook(course, project)
        except ServiceError:
            present = sorted(folder.glob("*.ipynb"))
            if not present:
                raise
            notebook = present[0].name
        if not (folder / notebook).is_file():
            self._transfer(ExchangeFetchAssignment, course, project, replace=folder.is_dir())
        return PurePosixPath(course, project, notebook)

    def submit(self, course: str, project: str) -> dict[str, Any]:
        """Hand a project in and return the receipt. Raises as `open` does."""
        course, project = course_name(course), project_name(project)
        return self._transfer(ExchangeSubmit, course, project).receipt

    def result(self, submission_id: int) -> dict[str, Any]:
        """Return what is known of a submission's grade. Raises ServiceError."""
        with MilepostClient.from_environment() as service:
            return service.result(submission_id)

    def record_opening(self, course: str, project: str) -> None:
        """Tell the service that a project was opened; a failure is logged, and changes nothing."""
        try:
            with MilepostClient.from_environment() as service:
                service.record_opening(course, project)
        except ServiceError as error:
            self.log.warning("The opening of %s/%s was not recorded: %s", course, project, error)

    def _notebook(self, course: str, project: str) -> str:
        with MilepostClient.from_environment() as service:
            released = {one.slug: one for one in service.projects(course)}
        if project not in released:
            raise ServiceError(f"There is no project {project} in the course {course}.", 404)
        notebook = released[project].notebook
        try:
            check_name(notebook)
        except ArchiveError as error:
            raise ServiceError(f"Milepost named a notebook that cannot be: {error}") from error
        return notebook

    def _transfer(
        self, kind: type[Transfer], course: str, project: str, *, replace: bool = False
    ) -> Transfer:
        """Run one class of the exchange on one project; return it when it is done."""
        config = _nbgrader_config()
        config.CourseDirectory.course_id = course
        config.CourseDirectory.assignment_id = project
        config.Exchange.assignment_dir = str(self.root)
        config.Exchange.path_includes_course = True
        config.ExchangeFetchAssignment.replace_missing_files = replace
        coursedir = CourseDirectory(config=config, root=str(self.root))
        transfer = kind(coursedir=coursedir, config=config)
        transfer.log = self.log
        transfer.start()
        return transfer


def _nbgrader_config() -> Config:
    """Load nbgrader's configuration anew, as its own extensions do for each request."""
    app = NbGrader()
    app.load_cwd_config = False
    app.load_config_file()
    config: Config = app.config
    return config

"""What every part of the exchange shares: the connection, the names, the folders."""

import os
from datetime import datetime
from pathlib import Path

from dateutil.tz import gettz  # type: ignore[import-untyped]
from jupyter_core.paths import jupyter_data_dir
from nbgrader.exchange import abc
from traitlets import Bool, Float, List, Unicode, default

from jupyterlab_milepost.archive import DEFAULT_IGNORE, ArchiveError
from jupyterlab_milepost.client import RETRY_DELAYS, MilepostClient
from jupyterlab_milepost.names import NameRefusedError, course_name, project_name
from jupyterlab_milepost.transport import ServiceError


class Exchange(abc.Exchange):  # type: ignore[misc]
    """Base of Milepost's exchange classes.

    Whoever owns the server's Hub token is the learner (or the instructor); the operating system's
    user does not matter, and no folder is shared. What a user may do is the service's decision,
    so nbgrader's authenticator plugins are not asked.
    """

    path_includes_course = Bool(
        True,
        help="Whether projects lie in `<course>/<project>` rather than in `<project>`.",
    ).tag(config=True)

    cache = Unicode(
        help="Where copies of what was submitted are kept; $JUPYTER_DATA_DIR/nbgrader_cache.",
    ).tag(config=True)

    retry_delays = List(
        Float(),
        list(RETRY_DELAYS),
        help="Seconds to wait before each further try when the service cannot be reached.",
    ).tag(config=True)

    service: MilepostClient
    """Open while `start` runs."""

    @default("cache")
    def _cache_default(self) -> str:
        return str(Path(jupyter_data_dir()) / "nbgrader_cache")

    @default("assignment_dir")
    def _assignment_dir_default(self) -> str:
        # The server extension names its root folder, so that every terminal and extension of
        # the server works on the same projects, whatever folder it stands in.
        return os.environ.get("MILEPOST_LEARNER_ROOT", ".")

    def start(self) -> object:
        """Do the transfer. Raises ExchangeError with a sentence for people, which is logged."""
        try:
            with MilepostClient.from_environment(retry_delays=self.retry_delays) as self.service:
                return super().start()
        except ServiceError as error:
            self.log.critical("%s", error)
            raise
        except (ArchiveError, NameRefusedError) as error:
            reason = str(error)
        except OSError as error:
            reason = f"Your files could not be read or written: {error}"
        return self.fail(reason)

    @property
    def course(self) -> str:
        """The course at hand: `--course`, the configuration, or the server's default."""
        name = self.coursedir.course_id or os.environ.get("MILEPOST_COURSE", "")
        if not name:
            self.fail("No course id specified. Re-run with --course flag.")
        return course_name(name)

    @property
    def project(self) -> str:
        """The project at hand: nbgrader's assignment."""
        return project_name(self.coursedir.assignment_id)

    @property
    def username(self) -> str:
        """The Hub's user, whom the server's token stands for."""
        name = os.environ.get("JUPYTERHUB_USER", "")
        if not name:
            self.fail("JUPYTERHUB_USER is not set: run nbgrader in a server that the Hub started.")
        return name

    @property
    def ignore(self) -> frozenset[str]:
        """Patterns for files that do not travel."""
        return DEFAULT_IGNORE | frozenset(self.coursedir.ignore)

    def project_folder(self, course: str, project: str) -> Path:
        """Return where the learner's copy of a project lies, or will lie."""
        root = Path(self.assignment_dir).resolve()
        return root / course / project if self.path_includes_course else root / project

    def course_folder(self, step: str, student: str) -> Path:
        """Return the folder of one student's project in the instructor's course directory."""
        return Path(self.coursedir.format_path(step, student, self.project))

    def timestamp_of(self, instant: datetime) -> str:
        """Write an instant as nbgrader does in `timestamp.txt` and in folder names."""
        zone = gettz(self.timezone)
        if zone is None:
            self.fail(f"Invalid timezone: {self.timezone}")
        return instant.astimezone(zone).strftime(self.timestamp_format)

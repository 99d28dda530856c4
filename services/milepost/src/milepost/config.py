"""Every setting of the service, as a trait with help and an environment variable."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from traitlets import Enum, Float, Integer, TraitError, Unicode, default
from traitlets.config import Config, Configurable

LOOPBACK = "127.0.0.1"


class SettingsError(Exception):
    """A setting that cannot be used; the message names it and says what it may be."""


def _absolute(path: str) -> Path:
    return Path(path).expanduser().absolute()


class Milepost(Configurable):
    """The settings.

    An environment variable sets the one that names it; a config file (`c.Milepost.slots = 4`)
    and the command line (`--Milepost.slots=4`) override it.
    """

    home = Unicode("var", help="Folder of everything that has to be kept.").tag(
        config=True, env="MILEPOST_HOME"
    )
    courses = Unicode("courses", help="Folder of course sources, one folder a course.").tag(
        config=True, env="MILEPOST_COURSES"
    )
    book = Unicode("book", help="Folder of the concept book's sources.").tag(
        config=True, env="MILEPOST_BOOK"
    )
    profile = Enum(
        ["embedded", "docker"],
        "embedded",
        help="Embedded: everything on this machine, the schema is upgraded at start.",
    ).tag(config=True, env="MILEPOST_PROFILE")
    database_url = Unicode(
        help="SQLAlchemy URL: sqlite:///… or postgresql+psycopg2://….",
    ).tag(config=True, env="MILEPOST_DATABASE_URL")
    gradebook_url = Unicode(
        help="SQLAlchemy URL of nbgrader's gradebooks, with {course} for the course's slug. "
        "Default: gradebook.db in the course's folder.",
    ).tag(config=True, env="MILEPOST_GRADEBOOK_URL")
    redis_url = Unicode(
        help="Redis that wakes processes; empty for the in-process bell of `milepost all`.",
    ).tag(config=True, env="MILEPOST_REDIS_URL")

    sandbox = Enum(
        ["auto", "docker", "bubblewrap", "process"],
        "auto",
        help="What keeps learners' code in. Auto takes bubblewrap, else a plain process, "
        "which contains nothing and is refused unless the platform listens on loopback only.",
    ).tag(config=True, env="MILEPOST_SANDBOX")
    sandbox_image = Unicode("milepost-learner:dev", help="Image of docker sandboxes.").tag(
        config=True, env="MILEPOST_SANDBOX_IMAGE"
    )
    learner_python = Unicode(
        ".venv-learner/bin/python", help="Interpreter of bubblewrap and process sandboxes."
    ).tag(config=True, env="MILEPOST_LEARNER_PYTHON")
    sandbox_memory = Unicode("512M", help="Memory of a sandbox, its files included.").tag(
        config=True, env="MILEPOST_SANDBOX_MEMORY"
    )
    sandbox_disk = Unicode("128M", help="Room for files in a sandbox.").tag(
        config=True, env="MILEPOST_SANDBOX_DISK"
    )
    sandbox_processes = Integer(
        128, min=24, help="Processes and threads that a sandbox may have at once."
    ).tag(config=True, env="MILEPOST_SANDBOX_PROCESSES")
    sandbox_cpus = Float(1.0, min=0.05, help="Processor cores' worth of time of a sandbox.").tag(
        config=True, env="MILEPOST_SANDBOX_CPUS"
    )
    cell_seconds = Integer(20, min=1, help="How long one notebook cell may run.").tag(
        config=True, env="MILEPOST_CELL_SECONDS"
    )
    notebook_seconds = Integer(120, min=1, help="How long all cells together may run.").tag(
        config=True, env="MILEPOST_NOTEBOOK_SECONDS"
    )

    slots = Integer(help="Attempts that one worker grades at once. Default: one a core.").tag(
        config=True, env="MILEPOST_SLOTS"
    )
    lease_seconds = Float(
        30.0, min=1, help="How long a worker that went silent keeps its attempts."
    ).tag(config=True, env="MILEPOST_LEASE_SECONDS")
    tries = Integer(
        5, min=1, help="How often an attempt is tried before it is set aside for the operator."
    ).tag(config=True, env="MILEPOST_TRIES")

    ip = Unicode(help="Address to listen on. Default: what the Hub says, else loopback.").tag(
        config=True, env="MILEPOST_SERVICE_IP"
    )
    port = Integer(help="Port to listen on. Default: what the Hub says, else 8003.").tag(
        config=True, env="MILEPOST_SERVICE_PORT"
    )
    public_ip = Unicode(LOOPBACK, help="Address that the platform's proxy listens on.").tag(
        config=True, env="MILEPOST_IP"
    )
    log_level = Enum(
        ["DEBUG", "INFO", "WARNING", "ERROR"], "INFO", help="What is worth a line in the log."
    ).tag(config=True, env="MILEPOST_LOG_LEVEL")

    @default("database_url")
    def _database_url_default(self) -> str:
        return f"sqlite:///{self.state_folder / 'milepost.sqlite'}"

    @default("gradebook_url")
    def _gradebook_url_default(self) -> str:
        # The time-out is how long SQLite waits for another writer (seconds).
        return f"sqlite:///{self.course_roots}/{{course}}/gradebook.db?timeout=60"

    @default("slots")
    def _slots_default(self) -> int:
        return len(os.sched_getaffinity(0))

    @default("ip")
    def _ip_default(self) -> str:
        return urlsplit(os.environ.get("JUPYTERHUB_SERVICE_URL", "")).hostname or LOOPBACK

    @default("port")
    def _port_default(self) -> int:
        return urlsplit(os.environ.get("JUPYTERHUB_SERVICE_URL", "")).port or 8003

    @property
    def home_folder(self) -> Path:
        """`home`, absolute."""
        return _absolute(self.home)

    @property
    def state_folder(self) -> Path:
        """The service's own database and blobs."""
        return self.home_folder / "milepost"

    @property
    def course_roots(self) -> Path:
        """Folder of nbgrader course roots, one folder a course."""
        return self.home_folder / "courses"

    @property
    def courses_folder(self) -> Path:
        """`courses`, absolute."""
        return _absolute(self.courses)

    @property
    def book_folder(self) -> Path:
        """`book`, absolute."""
        return _absolute(self.book)

    @property
    def learner_interpreter(self) -> Path:
        """`learner_python`, absolute, links kept: an environment is known by its path."""
        return _absolute(self.learner_python)

    @property
    def loopback_only(self) -> bool:
        """Whether nobody but this machine can reach the platform."""
        return all(ip in {"localhost", "::1"} or ip.startswith("127.") for ip in self._addresses)

    @property
    def _addresses(self) -> tuple[str, str]:
        return self.ip, self.public_ip


def from_environment(environ: Mapping[str, str]) -> Config:
    """Return the settings that the environment makes; an empty variable counts as unset.

    Raises SettingsError that names the variable.
    """
    config = Config()
    for name, trait in Milepost.class_traits(config=True).items():
        variable = trait.metadata["env"]
        if text := environ.get(variable):
            config.Milepost[name] = _parsed(name, variable, text)
    return config


def _parsed(name: str, variable: str, text: str) -> object:
    trait = Milepost.class_traits()[name]
    try:
        value: object = trait.from_string(text)
        return getattr(Milepost(**{name: value}), name)
    except (TraitError, ValueError) as error:
        raise SettingsError(f"{variable} cannot be {text!r}: {trait.help}") from error

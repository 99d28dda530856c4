"""Every setting of the Hub and its launcher, read once from the environment."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from milepost_hub.errors import SetupError
from milepost_hub.values import choice, flag, names, port, positive

REPO = Path(__file__).resolve().parents[2]
LOOPBACK = "127.0.0.1"
Profile = Literal["embedded", "docker"]
Isolation = Literal["auto", "bubblewrap", "process"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One deployment. Folders are absolute; memory is in Docker's notation (`1G`)."""

    home: Path
    profile: Profile
    ip: str
    port: int
    courses: Path
    book: Path
    built_book: Path
    learner_env: Path
    isolation: Isolation
    sandbox: str
    sandbox_image: str
    database_url: str
    redis_url: str
    admin: str
    instructors: frozenset[str]
    open_signup: bool
    idle_minutes: float
    firewall: bool
    learner_image: str
    learner_memory: str
    learner_cpus: float
    learner_processes: int
    dev: bool

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Self:
        """Read the settings; raises SetupError that names the variable and what it may be."""
        env = os.environ if env is None else env
        home = Path(env.get("MILEPOST_HOME") or REPO / "var").expanduser().absolute()
        return cls(
            home=home,
            profile=choice(env, "MILEPOST_PROFILE", "embedded", ("embedded", "docker")),
            ip=env.get("MILEPOST_IP") or LOOPBACK,
            port=port(env, "PORT", 8000),
            courses=_folder(env, "MILEPOST_COURSES", REPO / "courses"),
            book=_folder(env, "MILEPOST_BOOK", REPO / "book"),
            built_book=_folder(env, "MILEPOST_BUILT_BOOK", REPO / "var" / "book" / "html"),
            learner_env=_folder(env, "MILEPOST_LEARNER_ENV", REPO / ".venv-learner"),
            isolation=choice(env, "MILEPOST_ISOLATION", "auto", ("auto", "bubblewrap", "process")),
            sandbox=_sandbox(env),
            sandbox_image=env.get("MILEPOST_SANDBOX_IMAGE") or _image(env),
            database_url=env.get("MILEPOST_DATABASE_URL") or _sqlite(home, "milepost"),
            redis_url=env.get("MILEPOST_REDIS_URL", ""),
            admin=env.get("MILEPOST_ADMIN") or "admin",
            instructors=names(env, "MILEPOST_INSTRUCTORS"),
            open_signup=flag(env, "MILEPOST_OPEN_SIGNUP", default=True),
            idle_minutes=positive(env, "MILEPOST_IDLE_MINUTES", 60),
            firewall=flag(env, "MILEPOST_FIREWALL", default=True),
            learner_image=_image(env),
            learner_memory=env.get("MILEPOST_LEARNER_MEMORY") or "2G",
            learner_cpus=positive(env, "MILEPOST_LEARNER_CPUS", 1),
            learner_processes=int(positive(env, "MILEPOST_LEARNER_PROCESSES", 512)),
            dev=flag(env, "MILEPOST_DEV", default=False),
        )

    @property
    def hub_port(self) -> int:
        """The Hub's own API."""
        return self.port + 1

    @property
    def proxy_api_port(self) -> int:
        """Where the Hub tells the proxy its routes."""
        return self.port + 2

    @property
    def service_port(self) -> int:
        """The Milepost service."""
        return self.port + 3

    @property
    def book_port(self) -> int:
        """The concept book."""
        return self.port + 4

    @property
    def url(self) -> str:
        """The address to open in a browser on this machine."""
        return f"http://{self.reachable_ip}:{self.port}/"

    @property
    def reachable_ip(self) -> str:
        """Where this machine itself reaches the public proxy."""
        return LOOPBACK if self.ip in {"0.0.0.0", "", "::"} else self.ip  # noqa: S104

    @property
    def loopback_only(self) -> bool:
        """Whether nobody but this machine can reach the platform."""
        return self.ip in {"localhost", "::1"} or self.ip.startswith("127.")

    @property
    def learner_python(self) -> Path:
        """The interpreter of learners' servers and sandboxes."""
        return self.learner_env / "bin" / "python"

    @property
    def admin_password_file(self) -> Path:
        """Holds the generated password until the admin chooses another."""
        return self.home / "hub" / "admin-password"


def _folder(env: Mapping[str, str], name: str, default: Path) -> Path:
    return Path(env.get(name) or default).expanduser().absolute()


def _sqlite(home: Path, name: str) -> str:
    return f"sqlite:///{home / name / name}.sqlite"


def _image(env: Mapping[str, str]) -> str:
    return env.get("MILEPOST_LEARNER_IMAGE") or "milepost-learner:dev"


def _sandbox(env: Mapping[str, str]) -> str:
    default = "docker" if env.get("MILEPOST_PROFILE") == "docker" else "auto"
    backends = ("docker", "bubblewrap", "process", "auto")
    chosen = choice(env, "MILEPOST_SANDBOX", default, backends)
    if chosen == "docker" and shutil.which("docker") is None:
        raise SetupError(
            "MILEPOST_SANDBOX is docker, but there is no docker command here: "
            "install Docker, or set MILEPOST_SANDBOX=auto."
        )
    return chosen

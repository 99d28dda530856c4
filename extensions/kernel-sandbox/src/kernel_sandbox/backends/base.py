"""What a backend promises: start one sandbox, watch it, end it, and say what it died of."""

import enum
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..limits import Limits


class CauseOfDeath(enum.StrEnum):
    """Why a sandbox is no more."""

    RUNNING = "running"
    """It is not dead."""
    EXITED = "exited"
    """Its kernel ended by itself: os._exit, a crash, a signal from inside."""
    TIMED_OUT = "timed_out"
    """The wall-time limit ended it."""
    OUT_OF_MEMORY = "out_of_memory"
    """It ended after the memory limit had struck."""
    KILLED = "killed"
    """Whoever started it ended it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendOptions:
    """How to set up sandboxes: the same for all that a configuration starts."""

    python: str
    """Interpreter on the host that bubblewrap and process run."""

    image: str = ""
    """Image that docker runs."""

    image_python: str = "python3"
    """Interpreter inside the image."""

    read_only_binds: Mapping[str, str] = field(default_factory=dict)
    """Folders of the host to show inside: {path on the host: path inside}."""

    use_cgroups: bool = True
    """Whether to use control groups where this machine allows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSpec:
    """One sandbox to start."""

    name: str
    """Unique on this machine, starts with the owner's name."""

    command: Sequence[str]
    """Arguments after the interpreter; {connection_file} stands for `connection_file`."""

    environment: Mapping[str, str]
    """All the variables that the kernel gets beside the backend's own (PATH, HOME, ...)."""

    limits: Limits

    folder: Path
    """Private folder of this sandbox on the host; the backend may write to it."""

    submission: Path
    """Copy of the kernel's folder, to be shown at /submission and copied to /work."""

    connection_file: Path
    """The kernel's connection file; the kernel gets a copy, to which it may write."""

    sockets: Path
    """Folder for the kernel's sockets, to be shown at `Backend.sockets_inside`."""

    user: tuple[int, int]
    """User and group id of everything inside."""

    labels: Mapping[str, str] = field(default_factory=dict)
    """What to write on things that outlive this process."""

    def words(self, connection_file: str) -> list[str]:
        """Return the command, for a kernel that sees its connection file at that path."""
        return [word.replace("{connection_file}", connection_file) for word in self.command]


class Sandbox(ABC):
    """A running sandbox, or one that ran. All methods may be called from any thread."""

    @property
    @abstractmethod
    def cause_of_death(self) -> CauseOfDeath:
        """Why it ended; RUNNING while it has not."""

    @abstractmethod
    def poll(self) -> int | None:
        """Return the kernel's exit status (128 + n for signal n), None while it runs."""

    @abstractmethod
    def signal(self, number: int) -> None:
        """Send a signal to the kernel's process; nothing happens where it has ended."""

    @abstractmethod
    def kill(self, cause: CauseOfDeath = CauseOfDeath.KILLED) -> None:
        """End every process of the sandbox and return when they are gone.

        `cause` is what it died of, unless it was dead already.
        """

    @abstractmethod
    def kernel_is_ready(self) -> None:
        """Learn that the kernel has started, so that its error stream no longer matters."""

    @abstractmethod
    def close_output(self) -> str:
        """Stop listening to the kernel's error stream; return the last of what it said."""

    @abstractmethod
    def destroy(self) -> None:
        """Kill, and remove everything that the backend made for it. May be called again."""


class Backend(ABC):
    """A way to run sandboxes."""

    name: str
    sockets_inside: Path | None = Path("/run/kernel")
    """Where the folder of sockets lies inside; None for the same path as outside."""

    def __init__(self, options: BackendOptions) -> None:
        self.options = options

    @abstractmethod
    def check(self) -> None:
        """Raise BackendUnavailable, with the reason, where it does not work on this machine."""

    @abstractmethod
    def user(self) -> tuple[int, int] | None:
        """Return user and group id for a new sandbox; None where it keeps the caller's."""

    @abstractmethod
    def start(self, spec: SandboxSpec) -> Sandbox:
        """Start a sandbox. Raises BackendUnavailable or SandboxStartError."""


CONNECTION_SHOWN = "/run/connection.json"
"""Where an isolated sandbox sees its connection file."""

CONNECTION_FILE = "/tmp/connection.json"  # noqa: S108 - the sandbox's own
"""Where its copy lies: some kernels replace the file while they start."""

FILL = f"""cp {CONNECTION_SHOWN} {CONNECTION_FILE} &&
cp -RP --preserve=mode,timestamps /submission/. /work/ && cd /work && unset OLDPWD && exec "$@"
"""
"""Shell script that readies an isolated sandbox from inside, then runs its arguments."""

FIXED_ENVIRONMENT = {
    "HOME": "/tmp",  # noqa: S108 - the sandbox's own
    "LANG": "C.UTF-8",
    "LOGNAME": "learner",
    "PYTHONDONTWRITEBYTECODE": "1",
    "TZ": "UTC",
    "USER": "learner",
}
"""Variables of every kernel beside PATH. None comes from the host."""

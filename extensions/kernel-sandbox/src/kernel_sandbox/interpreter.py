"""Finds out what a Python interpreter needs, and where it will lie inside a sandbox.

An interpreter that does not come with the system is shown inside as /opt/python, and its virtual
environment as /opt/venv. So it may live anywhere on the host, even in a home folder that
nobody else may enter, and no path of the host shows up in tracebacks.
"""

import json
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from .errors import BackendUnavailable

BASE = Path("/opt/python")
VENV = Path("/opt/venv")
_SYSTEM = Path("/usr")

_QUESTION = """
import json, os, sys, sysconfig
print(json.dumps({
    "prefix": os.path.realpath(sys.prefix),
    "base": os.path.realpath(sys.base_prefix),
    "executable": os.path.realpath(sys.executable),
    "shared": bool(sysconfig.get_config_var("Py_ENABLE_SHARED")),
    "version": "%d.%d" % sys.version_info[:2],
}))
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python interpreter of the host."""

    prefix: Path
    base: Path
    executable: Path
    shared: bool
    version: str

    @property
    def is_venv(self) -> bool:
        """Whether it is a virtual environment, so that two folders belong to it."""
        return self.prefix != self.base

    @property
    def is_system(self) -> bool:
        """Whether its base lies in /usr, which every sandbox shows anyway."""
        return self.base.is_relative_to(_SYSTEM)

    @property
    def base_inside(self) -> Path:
        """Where the base installation lies inside the sandbox."""
        return self.base if self.is_system else BASE

    @property
    def base_executable_inside(self) -> Path:
        """The program itself, inside the sandbox."""
        return self.base_inside / self.executable.relative_to(self.base)

    @property
    def executable_inside(self) -> Path:
        """The program to call inside the sandbox."""
        return VENV / "bin" / "python" if self.is_venv else self.base_executable_inside

    @property
    def library_path(self) -> str | None:
        """What LD_LIBRARY_PATH must be inside, if the interpreter's library has moved."""
        return str(BASE / "lib") if self.shared and not self.is_system else None

    def venv_configuration(self) -> str:
        """Return the pyvenv.cfg that is right inside the sandbox."""
        lines = (self.prefix / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if line.startswith("include-system-site-packages")]
        home = self.base_executable_inside.parent
        return "\n".join([f"home = {home}", *kept, f"version = {self.version}", ""])


def inspect(python: str) -> Interpreter:
    """Ask the interpreter `python` about itself, once per process.

    Raises BackendUnavailable where there is no such interpreter.
    """
    return _inspect(python)


@lru_cache(maxsize=32)
def _inspect(python: str) -> Interpreter:
    try:
        done = subprocess.run(
            [python, "-I", "-c", _QUESTION], capture_output=True, check=True, timeout=60, text=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise BackendUnavailable(
            f"The sandbox's interpreter {python} cannot be run ({error}). "
            "Set SandboxProvisioner.python to a Python that has ipykernel."
        ) from error
    answer = json.loads(done.stdout)
    interpreter = Interpreter(
        prefix=Path(answer["prefix"]),
        base=Path(answer["base"]),
        executable=Path(answer["executable"]),
        shared=answer["shared"],
        version=answer["version"],
    )
    if not interpreter.executable.is_relative_to(interpreter.base):
        raise BackendUnavailable(
            f"{python} is {interpreter.executable}, which does not lie below its own prefix "
            f"{interpreter.base}; such an interpreter cannot be shown inside a sandbox."
        )
    return interpreter

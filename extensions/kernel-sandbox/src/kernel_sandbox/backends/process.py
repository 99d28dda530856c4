"""Plain processes: no isolation, for machines on which nothing better runs."""

import logging
import os
from pathlib import Path

from .. import cgroups
from ..errors import SandboxStartError
from ..launcher import Program, launch
from .base import FIXED_ENVIRONMENT, Backend, Sandbox, SandboxSpec
from .local import LocalSandbox, entering, resource_limits

log = logging.getLogger(__name__)


class ProcessBackend(Backend):
    """Runs the kernel as a child process in a copy of its folder.

    It bounds what honest mistakes cost, and no more: learner code can read what its user can
    read, and has the network.
    """

    name = "process"
    sockets_inside = None

    def check(self) -> None:
        """See Backend."""

    def user(self) -> tuple[int, int] | None:
        """See Backend."""
        return None

    def start(self, spec: SandboxSpec) -> Sandbox:
        """See Backend."""
        log.warning(
            "Sandbox %s is a plain process: it does NOT protect this machine from the code in it. "
            "Install bubblewrap or Docker.",
            spec.name,
        )
        group = cgroups.create(spec.name, spec.limits) if self.options.use_cgroups else None
        command = [
            *("setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--"),
            *resource_limits(spec.limits, group, own_user=False),
            *(self.options.python, *spec.words(str(spec.connection_file))),
        ]
        home = spec.folder / "home"
        home.mkdir()
        environment = {
            "PATH": f"{Path(self.options.python).parent}:{os.defpath}",
            **FIXED_ENVIRONMENT,
            "HOME": str(home),
            "TMPDIR": str(home),
            **spec.environment,
        }
        try:
            process = launch(
                Program(entering(group, command), environment, folder=str(spec.submission))
            )
        except OSError as error:
            if group is not None:
                group.remove()
            raise SandboxStartError(f"The kernel's process cannot be started: {error}") from error
        return LocalSandbox(process, spec.limits, group, kernel=lambda: os.pidfd_open(process.pid))

"""The Hub as a child of the launcher, and an end to everything that it started."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

from milepost_hub import isolation, processes, services
from milepost_hub.settings import REPO, Settings
from milepost_hub.tied import tie_to_parent

PR_SET_CHILD_SUBREAPER = 36
LOG_MODE = 0o600


def adopt_orphans() -> None:
    """Have every orphaned descendant become this process's child, so that none is lost."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER) failed")


class HubProcess:
    """JupyterHub with the services and servers that it starts."""

    def __init__(self, settings: Settings, lock_descriptor: int) -> None:
        self._settings = settings
        self._lock = lock_descriptor
        self._child: subprocess.Popen[bytes] | None = None
        self.log = settings.home / "log" / "hub.log"

    def start(self) -> None:
        """Start the Hub; it ends in good order when the launcher ends, however that ends."""
        config = REPO / "hub" / "jupyterhub_config.py"
        descriptor = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, LOG_MODE)  # noqa: PTH
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                env=hub_environment(self._settings),
                cwd=self._settings.home / "hub",
                start_new_session=True,
                pass_fds=[self._lock],
                preexec_fn=partial(tie_to_parent, os.getpid()),  # noqa: PLW1509
            )
        finally:
            os.close(descriptor)

    def status(self) -> int | None:
        """Return the Hub's exit status, None while it runs. Buries dead orphans on the way."""
        if self._child is None:
            return None
        status = self._child.poll()
        for pid in processes.dead_children(os.getpid()):
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        return status

    def stop(self, patience: float = 25) -> None:
        """Ask the Hub to end with all it started, and end by force what is then left."""
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(patience)
        sweep()


def sweep(patience: float = 5) -> None:
    """End every process below this one: kindly first, then by force."""
    for sig in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + patience
        left = processes.descendants(os.getpid())
        for pid in left:
            processes.send(pid, sig)
        while left and time.monotonic() < deadline:
            _bury()
            left = processes.descendants(os.getpid())
            time.sleep(0.05)
        if not left:
            return


def _bury() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def hub_environment(settings: Settings) -> dict[str, str]:
    """Return the launcher's environment with our own programs first.

    What keeps servers apart is the launcher's choice, so that a Hub that is started again later
    fails, rather than does without, where bubblewrap has ceased to work.
    """
    own = str(Path(sys.prefix) / "bin")
    path = os.pathsep.join([own, os.environ.get("PATH", os.defpath)])
    told = {name: value for name, value in os.environ.items() if name != "JUPYTERHUB_API_TOKEN"}
    local = settings.profile == "embedded"
    return {
        **told,
        **services.milepost_environment(settings),
        **({"MILEPOST_ISOLATION": isolation.choose(settings)[0]} if local else {}),
        "PORT": str(settings.port),
        "PATH": path,
        "PYTHONUNBUFFERED": "1",
    }

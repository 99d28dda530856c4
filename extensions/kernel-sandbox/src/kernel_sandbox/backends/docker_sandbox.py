"""A container that runs a kernel."""

import threading
import time
from typing import Any

from docker.errors import APIError, NotFound
from docker.models.containers import Container

from ..watchdog import Watchdog
from .base import CauseOfDeath, Sandbox
from .docker_output import Output

_KILLED = 137
_LATE_VERDICT = 0.5  # seconds by which the daemon may learn late that memory ran out
_NOT_RUNNING = 409


class DockerSandbox(Sandbox):
    """A container."""

    def __init__(self, container: Container, output: Output, wall_time: float) -> None:
        self._container = container
        self._output = output
        self._lock = threading.RLock()
        self._cause = CauseOfDeath.RUNNING
        self._status: int | None = None
        self._watchdog = Watchdog(wall_time=wall_time, expire=self.kill)

    @property
    def cause_of_death(self) -> CauseOfDeath:
        """See Sandbox."""
        self.poll()
        return self._cause

    def poll(self) -> int | None:
        """See Sandbox."""
        with self._lock:
            if self._status is not None:
                return self._status
            state = self._state()
            if state["Status"] not in {"exited", "dead"}:
                return None
            self._status = int(state["ExitCode"])
            if self._cause is CauseOfDeath.RUNNING:
                starved = state["OOMKilled"] or (self._status == _KILLED and self._starved_late())
                self._cause = CauseOfDeath.OUT_OF_MEMORY if starved else CauseOfDeath.EXITED
            return self._status

    def _state(self) -> dict[str, Any]:
        try:
            self._container.reload()
        except NotFound:  # somebody else removed it
            return {"Status": "dead", "ExitCode": _KILLED, "OOMKilled": False}
        return dict(self._container.attrs["State"])

    def _starved_late(self) -> bool:
        """Ask again for a while: the daemon hears of memory and of the exit separately."""
        end = time.monotonic() + _LATE_VERDICT
        while time.monotonic() < end:
            if self._state()["OOMKilled"]:
                return True
            time.sleep(0.02)
        return False

    def signal(self, number: int) -> None:
        """See Sandbox."""
        with self._lock:
            if self.poll() is None:
                self._send(number)

    def kill(self, cause: CauseOfDeath = CauseOfDeath.KILLED) -> None:
        """See Sandbox."""
        with self._lock:
            self._watchdog.stop()
            self._output.close()
            if self.poll() is None and self._send("SIGKILL"):
                self._cause = cause
                self._container.wait(timeout=30)
                self._status = _KILLED

    def _send(self, number: int | str) -> bool:
        try:
            self._container.kill(number)
        except NotFound:
            return False
        except APIError as error:
            if error.status_code == _NOT_RUNNING:  # it has ended in the meantime
                return False
            raise
        return True

    def kernel_is_ready(self) -> None:
        """See Sandbox."""
        self._output.close()  # the daemon goes on reading; an attached reader would have to

    def close_output(self) -> str:
        """See Sandbox."""
        return self._output.close()

    def destroy(self) -> None:
        """See Sandbox."""
        with self._lock:
            self.kill()
            try:
                self._container.remove(force=True, v=True)
            except NotFound:
                return  # it has been destroyed before

"""The kernel's side of the helper process that runs the learner's code."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .jobs.channel import Channel

MAX_SOCKET_PATH = 80
MAX_LOG_BYTES = 4000
ORDER_SECONDS = 60


class HelperStoppedError(Exception):
    """The helper process went away, or cannot start a further process; the text says which."""


@dataclass
class Job:
    """A process that runs some of the learner's code, and the channel to it."""

    pid: int
    channel: Channel
    log: Path
    scratch: Path

    def printed(self, since: int = 0) -> str:
        """Return the end of what the process has written to stdout and stderr since a byte."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(since, end - MAX_LOG_BYTES))
            return file.read().decode(errors="replace")

    def log_size(self) -> int:
        """Return how many bytes the process has written so far."""
        return self.log.stat().st_size if self.log.exists() else 0


class Nursery:
    """Starts and ends jobs through one helper process, which it starts at the first need."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._control: socket.socket | None = None
        self._scratch = Path()
        self._count = 0

    def start(self, job: str, question: dict[str, Any], needs: Sequence[str]) -> Job:
        """Start a job ("call", "serve", "upstream") with its question; `needs` are modules.

        A question's `socket` becomes a path in the scratch folder. Raises HelperStoppedError.
        """
        control = self._connected()
        self._count += 1
        log = self._scratch / f"{self._count}.log"
        ours, theirs = socket.socketpair()
        with theirs:
            order = {"job": job, "needs": list(needs), "log": str(log)}
            reply = self._ordered(control, order, [theirs.fileno()])
        log.touch()
        channel = Channel(ours)
        if "socket" in question:
            question = {**question, "socket": str(self._scratch / f"{self._count}.sock")}
        channel.send(question)
        return Job(reply["pid"], channel, log, self._scratch)

    def socket_of(self, job: Job) -> str:
        """Return the path of the Unix socket that a job listens on."""
        return str(job.log.with_suffix(".sock"))

    def end(self, job: Job) -> int:
        """Kill a job with all its processes; return its exit status (negative: a signal)."""
        job.channel.close()
        if self._control is None or job.scratch != self._scratch:
            return 0
        status: int = self._ordered(self._control, {"end": job.pid}, [])["status"]
        return status

    def close(self) -> None:
        """Let the helper process end, and with it every job."""
        if self._control is not None:
            self._control.close()
            self._control = None

    def _connected(self) -> socket.socket:
        if self._control is None:
            self._control = self._launched()
        return self._control

    def _launched(self) -> socket.socket:
        self._scratch = _short_folder()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(ORDER_SECONDS)
        # -P keeps the learner's folder off the helper's path: a learner's file named json.py
        # may break the learner's program, not the helper.
        command = [sys.executable, "-P", "-m", "milepost_testkit.jobs", str(theirs.fileno())]
        with theirs, (self._scratch / "helper.log").open("wb") as log:
            subprocess.Popen(
                [*command, str(self._root), str(self._scratch)],
                cwd=self._root,
                env=_environment(),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return ours

    def _ordered(
        self, control: socket.socket, order: dict[str, Any], descriptors: list[int]
    ) -> dict[str, Any]:
        try:
            socket.send_fds(control, [json.dumps(order).encode()], descriptors)
            data = control.recv(4096)
        except OSError:
            data = b""
        except BaseException:  # interrupted: the reply would be taken for that of a later order
            self._forget()
            raise
        if not data:
            self._forget()
            raise HelperStoppedError("The test's helper process has stopped. Run the cell again.")
        reply: dict[str, Any] = json.loads(data)
        if "problem" in reply:
            raise HelperStoppedError(reply["problem"])
        return reply

    def _forget(self) -> None:
        self.close()
        shutil.rmtree(self._scratch, ignore_errors=True)


def _environment() -> dict[str, str]:
    """Return the environment, in which no proxy stands between programs on this machine."""
    direct = ",".join(filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1,localhost"]))
    return {**os.environ, "NO_PROXY": direct, "no_proxy": direct}


def _short_folder() -> Path:
    """Return a new private folder whose path leaves room for a Unix socket's name."""
    folder = tempfile.mkdtemp(prefix="mp-")
    if len(folder) > MAX_SOCKET_PATH:
        Path(folder).rmdir()
        folder = tempfile.mkdtemp(prefix="mp-", dir="/tmp")
    return Path(folder)

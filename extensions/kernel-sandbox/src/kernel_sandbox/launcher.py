"""Starts programs from one thread that lives as long as this process.

Linux sends a child its parent-death signal when the *thread* that started it ends, and kernels are
often started from short-lived threads. Everything that must die with this process, and not
before, is therefore started here.
"""

import os
import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import IO, NamedTuple


class Program(NamedTuple):
    """What to start: arguments, the whole environment, and open files to hand over."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    pass_fds: Sequence[int] = ()
    folder: str = "/"
    stdin: int | IO[bytes] = subprocess.DEVNULL
    stderr: int | IO[bytes] = subprocess.PIPE


class _Launcher:
    """A daemon thread that starts one program after the other."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._requests: queue.SimpleQueue[tuple[Program, Future[subprocess.Popen[bytes]]]] = (
            queue.SimpleQueue()
        )
        threading.Thread(target=self._run, name="kernel-sandbox-launcher", daemon=True).start()

    def _run(self) -> None:
        while True:
            program, future = self._requests.get()
            try:
                future.set_result(_popen(program))
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                future.set_exception(error)

    def start(self, program: Program) -> subprocess.Popen[bytes]:
        future: Future[subprocess.Popen[bytes]] = Future()
        self._requests.put((program, future))
        return future.result()


def _popen(program: Program) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        list(program.arguments),
        env=dict(program.environment),
        pass_fds=tuple(program.pass_fds),
        cwd=program.folder,
        stdin=program.stdin,
        stdout=subprocess.DEVNULL,
        stderr=program.stderr,
        start_new_session=True,
    )


_lock = threading.Lock()
_launchers: list[_Launcher] = []


def launch(program: Program) -> subprocess.Popen[bytes]:
    """Start `program` in a session of its own. Raises OSError where it cannot be started."""
    with _lock:
        if not _launchers or _launchers[-1].pid != os.getpid():  # a thread does not survive fork
            _launchers[:] = [_Launcher()]
        launcher = _launchers[-1]
    return launcher.start(program)

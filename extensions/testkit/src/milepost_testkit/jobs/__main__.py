"""The helper process: forks a process for each job, and ends them all when the kernel ends.

It imports what the jobs need once, and never any of the learner's files. So a fresh server or
call costs a fork instead of a new interpreter. It is started with the number of a socket's file
descriptor, the learner's folder, and the scratch folder that it removes at the end.
"""

import ctypes
import gc
import importlib
import json
import os
import shutil
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from .channel import Channel

JOBS = {"call": "calls", "serve": "serving", "upstream": "upstreaming"}
MAX_ORDER_BYTES = 65536
PR_SET_PDEATHSIG = 1


class Nursery:
    """Takes orders from the kernel: start a job, end a job."""

    def __init__(self, control: socket.socket, root: Path) -> None:
        self._control = control
        self._root = root
        self._children: set[int] = set()

    def run(self) -> None:
        """Serve orders until the kernel closes its end."""
        while True:
            data, descriptors, _, _ = socket.recv_fds(self._control, MAX_ORDER_BYTES, 1)
            if not data:
                return
            order = json.loads(data)
            if "end" in order:
                reply = {"status": self.end(order["end"])}
            else:
                reply = self._start(order, descriptors[0])
                os.close(descriptors[0])
            self._control.send(json.dumps(reply).encode())

    def end(self, child: int) -> int:
        """Kill a job with all its processes; return its exit status (negative: a signal)."""
        self._children.discard(child)
        ended, status = os.waitpid(child, os.WNOHANG)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        if not ended:
            _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)

    def end_all(self) -> None:
        """Kill every job."""
        for child in list(self._children):
            self.end(child)

    def _start(self, order: dict[str, Any], descriptor: int) -> dict[str, Any]:
        for name in order["needs"]:
            with suppress(ImportError):  # the job itself says what is missing
                importlib.import_module(name)
        job = importlib.import_module(f"milepost_testkit.jobs.{JOBS[order['job']]}")
        gc.freeze()
        try:
            child = os.fork()
        except OSError as error:
            return {"problem": f"No further process can be started: {error.strerror}."}
        if child == 0:
            self._control.close()
            _work(getattr(job, order["job"]), descriptor, order["log"], self._root)
        with suppress(OSError):  # the child does the same: whoever comes first
            os.setpgid(child, child)
        self._children.add(child)
        return {"pid": child}


def _work(job: Any, descriptor: int, log: str, root: Path) -> NoReturn:  # noqa: ANN401
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(root))
    channel = Channel(socket.socket(fileno=os.dup(descriptor)))
    status = 1
    try:
        job(channel.receive(None), channel, root)
        status = 0
    finally:
        sys.stdout.flush()
        os._exit(status)


def main() -> None:
    """Run until the kernel is gone; leave nothing behind."""
    descriptor, root, scratch = sys.argv[1:]
    nursery = Nursery(socket.socket(fileno=int(descriptor)), Path(root))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        nursery.run()
    finally:
        nursery.end_all()
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()

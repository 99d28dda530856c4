"""Puts one sandboxed kernel together: folder, copy, sockets, sandbox."""

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from . import folders
from .backends import BackendOptions, Sandbox, SandboxSpec, choose
from .connection import Connection
from .errors import SandboxStartError
from .limits import Limits
from .reaper import reap
from .staging import stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A kernel to run."""

    identifier: str
    """The same for a kernel and its restarts, whose clients stay connected."""
    command: Sequence[str]
    """The kernel spec's argv, from "python" on, with {connection_file} in it."""
    cwd: Path | None
    environment: Mapping[str, str]
    limits: Limits
    backend: str
    options: BackendOptions
    runtime: Path
    key: bytes | None
    signature_scheme: str


@dataclass(slots=True)
class RunningKernel:
    """A sandbox with a kernel in it, and what clients need to know."""

    sandbox: Sandbox
    connection: Connection
    info: dict[str, Any]
    folder: Path

    def death(self) -> str:
        """Return, in words, what is known about a kernel that does not answer."""
        said = self.sandbox.close_output()
        return f"{self.sandbox.cause_of_death}; it said: {said or 'nothing'}"

    def destroy(self) -> None:
        """End the sandbox and remove all that belonged to it. May be called again."""
        self.sandbox.destroy()
        with contextlib.suppress(FileNotFoundError):
            folders.remove(self.folder)


def run(order: Order) -> RunningKernel:
    """Start a sandbox for `order`; its kernel gets ready in the meantime.

    Raises BackendUnavailable, FolderTooLargeError or SandboxStartError.
    """
    if not order.command or not Path(order.command[0]).name.startswith("python"):
        raise SandboxStartError(
            'Only kernel specs whose argv starts with "python" can run in a sandbox, '
            f"not {list(order.command)}."
        )
    backend = choose(order.backend, order.options)
    _sweep_once(order.runtime, backend.name == "docker")
    name, folder = folders.make(order.runtime, order.identifier)
    try:
        user = backend.user()
        submission = folder / "submission"
        stage(order.cwd, submission, most_bytes=order.limits.disk, owner=user)
        own = user or (os.geteuid(), os.getegid())
        connection = Connection(folder / "s")
        info = connection.info(order.key, order.signature_scheme)
        connection_file = connection.prepare(info, backend.sockets_inside, own)
        spec = SandboxSpec(
            name=name,
            command=order.command[1:],
            environment=order.environment,
            limits=order.limits,
            folder=folder,
            submission=submission,
            connection_file=connection_file,
            sockets=connection.folder,
            user=own,
        )
        return RunningKernel(backend.start(spec), connection, info, folder)
    except BaseException:
        folders.remove(folder)
        raise


@lru_cache(maxsize=8)
def _sweep_once(runtime: Path, containers: bool) -> None:
    reap(runtime, containers=containers)

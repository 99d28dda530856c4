"""The private folders of sandboxes on the host, and the janitor who outlives their owner."""

import os
import secrets
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from .errors import SandboxStartError
from .launcher import Program, launch
from .owner import Owner

_JANITOR = 'read -r _; [ -d "$1" ] || exit 0; exec "$2" -m kernel_sandbox.reaper "$3" "$4"'

_lock = threading.Lock()
_janitors: dict[Path, int] = {}  # folder -> the end of the pipe that closes when we die


def new_identifier() -> str:
    """Return an identifier for a kernel, which its sandboxes have one after the other."""
    return secrets.token_hex(4)


def make(runtime: Path, identifier: str) -> tuple[str, Path]:
    """Make a sandbox's full name, and its folder below `runtime`, which nobody else may enter.

    A shell waits beside this process until it ends, however it ends, and then sweeps up what
    is left of its sandboxes. Raises SandboxStartError where the folder cannot be trusted.
    """
    owner = Owner.me()
    shared = owner.folder(runtime)
    with _lock:
        _make_private(shared)
        if shared not in _janitors:
            _janitors[shared] = _start_janitor(owner, runtime)
        folder = shared / identifier
        folder.mkdir(mode=0o700)
    return f"{owner}.{identifier}", folder


def remove(folder: Path) -> None:
    """Remove a sandbox's folder, and the owner's when it was the last."""
    with _lock:
        shutil.rmtree(folder, ignore_errors=False)
        if not any(folder.parent.iterdir()):
            folder.parent.rmdir()


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise SandboxStartError(
            f"The folder {folder} cannot be made ({error}); set SandboxProvisioner.runtime_dir "
            "to a folder that this user may write to."
        ) from error
    status = folder.lstat()
    if status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise SandboxStartError(f"The folder {folder} belongs to somebody else; remove it.")


def _start_janitor(owner: Owner, runtime: Path) -> int:
    read, write = os.pipe()
    try:
        words = [str(owner.folder(runtime)), sys.executable, str(runtime), str(owner)]
        environment = {name: os.environ[name] for name in _DOCKER if name in os.environ}
        program = Program(
            ["/bin/sh", "-c", _JANITOR, "sh", *words],
            {"PATH": os.defpath, **environment},
            stdin=read,
            stderr=subprocess.DEVNULL,
        )
        process = launch(program)
    finally:
        os.close(read)
    process.returncode = 0  # it outlives us by design: nobody waits for it
    return write


_DOCKER = ("DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "HOME")


def _forget_parents_janitors() -> None:
    for fd in _janitors.values():
        os.close(fd)
    _janitors.clear()


os.register_at_fork(after_in_child=_forget_parents_janitors)

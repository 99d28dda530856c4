"""What a bubblewrap sandbox sees: an almost empty, read-only machine."""

import os
from collections.abc import Mapping
from pathlib import Path

from ..interpreter import BASE, VENV, Interpreter
from .base import CONNECTION_SHOWN, Backend, SandboxSpec

_USER_INSIDE = 1000  # in a user namespace every id is free
_INSTALLED = ("ld.so.cache", "alternatives")  # of /etc; nothing of them is about this machine


def namespaces() -> list[str]:
    """Return the options that cut the sandbox off from the processes and networks around it.

    Root keeps, until it becomes another user, the four rights that this takes.
    """
    options = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    options += ["--unshare-cgroup-try", "--new-session", "--die-with-parent"]
    if os.geteuid() != 0:
        ids = ["--uid", str(_USER_INSIDE), "--gid", str(_USER_INSIDE)]
        return [*options, "--unshare-user", "--disable-userns", *ids, "--cap-drop", "ALL"]
    options += ["--cap-drop", "ALL"]
    for right in ("CHOWN", "SETUID", "SETGID", "SETPCAP"):
        options += ["--cap-add", f"CAP_{right}"]
    return options


def view(spec: SandboxSpec, python: Interpreter, binds: Mapping[str, str]) -> list[str]:
    """Return the options that build the file system of the sandbox."""
    sockets = Backend.sockets_inside
    return [
        *_system(),
        *_accounts(spec),
        *_interpreter(python, spec.folder),
        *(word for host, inside in binds.items() for word in ("--ro-bind", host, inside)),
        *("--proc", "/proc", "--dev", "/dev", "--hostname", "sandbox"),
        *_scratch(spec, "/dev/shm", "1777"),  # noqa: S108 - the sandbox's own
        *_scratch(spec, "/tmp", "1777"),  # noqa: S108
        *_scratch(spec, "/work", "0700"),
        *("--ro-bind", str(spec.submission), "/submission"),
        *("--ro-bind", str(spec.connection_file), CONNECTION_SHOWN),
        *("--bind", str(spec.sockets), str(sockets)),
        *("--remount-ro", "/dev", "--remount-ro", "/"),
    ]


def _scratch(spec: SandboxSpec, path: str, mode: str) -> list[str]:
    return ["--perms", mode, "--size", str(spec.limits.disk), "--tmpfs", path]


def _system() -> list[str]:
    words = ["--ro-bind", "/usr", "/usr"]
    for name in ("etc", "opt", "run"):  # bwrap would make them as secret as what is shown below
        words += ["--perms", "0755", "--dir", f"/{name}"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        path = Path("/", name)
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            words += ["--ro-bind", str(path), str(path)]
    for name in _INSTALLED:
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return words


def _accounts(spec: SandboxSpec) -> list[str]:
    """Write the few files of /etc that name the sandbox's own user and machine."""
    user, group = spec.user if os.geteuid() == 0 else (_USER_INSIDE, _USER_INSIDE)
    files = {
        "passwd": f"root:x:0:0::/:/bin/sh\nlearner:x:{user}:{group}::/tmp:/bin/sh\n",
        "group": f"root:x:0:\nlearner:x:{group}:\n",
        "hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    }
    words = []
    for name, content in files.items():
        path = spec.folder / name
        path.write_text(content, encoding="ascii")
        path.chmod(0o644)
        words += ["--ro-bind", str(path), f"/etc/{name}"]
    return words


def _interpreter(python: Interpreter, folder: Path) -> list[str]:
    words = [] if python.is_system else ["--ro-bind", str(python.base), str(BASE)]
    if not python.is_venv:
        return words
    configuration = folder / "pyvenv.cfg"
    configuration.write_text(python.venv_configuration(), encoding="utf-8")
    configuration.chmod(0o644)
    words += ["--ro-bind", str(python.prefix), str(VENV)]
    words += ["--ro-bind", str(configuration), str(VENV / "pyvenv.cfg")]
    words += ["--perms", "0755", "--tmpfs", str(VENV / "bin")]
    for name in ("python", "python3", f"python{python.version}"):
        words += ["--symlink", str(python.base_executable_inside), str(VENV / "bin" / name)]
    return [*words, "--remount-ro", str(VENV / "bin")]

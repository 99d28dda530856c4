"""Learners' servers in bubblewrap: a learner sees their own files and nobody else's."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from traitlets import Integer, Unicode

from milepost_hub import processes
from milepost_hub.spawners import folders
from milepost_hub.spawners.local import LocalServer

HOME = "/home/learner"
SETTINGS = "/opt/milepost/jupyter"
SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
# What programs need of /etc; nothing that names users, hosts' secrets or services.
ETC = (
    "alternatives", "bash.bashrc", "ca-certificates", "ca-certificates.conf", "gitconfig",
    "hosts", "inputrc", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "magic",
    "mime.types", "nsswitch.conf", "pki", "profile", "resolv.conf", "ssl", "terminfo", "timezone",
)  # fmt: skip
SCRATCH_BYTES = 512 * 1024 * 1024
NOBODY = 65534


class BubblewrapServer(LocalServer):
    """A learner's server with its own view of processes and files.

    As root it runs under a user id of its own without any capability; otherwise in a user
    namespace. The network is the machine's: the server listens on loopback.
    """

    init = Integer(0, help="Process 1 of the sandbox, as the Hub sees it")
    init_born = Unicode(help="Tells that process from a later one with the same id")

    async def launch(self, command: list[str], folder: Path) -> None:
        """Start the command in a sandbox, and learn its first process's id."""
        uid = folders.own(folder) if os.geteuid() == 0 else os.geteuid()
        reader, writer = os.pipe()
        try:
            self.run(self._sandboxed(command, folder, uid, writer), pass_fds=[writer])
        finally:
            os.close(writer)
        with os.fdopen(reader, encoding="utf-8") as answer:
            told = await asyncio.to_thread(answer.read)
        if not told:
            raise RuntimeError("bubblewrap could not start the server: see the Hub's log")
        self.init = json.loads(told)["child-pid"]
        self.init_born = processes.birth(self.init)

    def _sandboxed(self, command: list[str], folder: Path, uid: int, info: int) -> list[str]:
        shown = {self.jupyter_settings: SETTINGS}
        shown |= {path: path for path in python_folders(self.environment_folder)}
        bind = [*_parents([HOME, *shown.values()]), "--bind", str(folder), HOME]
        for path, inside in shown.items():
            bind += ["--ro-bind", path, inside]
        users = _user_files(Path(self.folders).parent / "hub" / "etc", uid)
        for name, file in users.items():
            bind += ["--ro-bind", str(file), f"/etc/{name}"]
        return [
            "bwrap", "--info-fd", str(info), *namespaces(), *system(), *bind,
            "--remount-ro", "/", "--", *_become(uid), *command,
        ]  # fmt: skip

    def home(self) -> str:
        """Return where the learner's folder is inside."""
        return HOME

    def settings_folder(self) -> str:
        """Return where the Jupyter settings are inside."""
        return SETTINGS

    def get_state(self) -> dict[str, Any]:
        """Return what finds the sandbox again after a restart of the Hub."""
        inside = {"init": self.init, "init_born": self.init_born} if self.init else {}
        return {**super().get_state(), **inside}

    def load_state(self, state: dict[str, Any]) -> None:
        """Find the sandbox again after a restart of the Hub."""
        super().load_state(state)
        self.init = state.get("init", 0)
        self.init_born = state.get("init_born", "")

    def clear_state(self) -> None:
        """Forget the sandbox."""
        super().clear_state()
        self.init, self.init_born = 0, ""

    def server_pid(self) -> int:
        """Return the server itself, which is the first child of the sandbox's process 1."""
        return next(iter(processes.descendants(self.init)), self.init)

    def kill(self) -> None:
        """End the sandbox: without its process 1 the kernel ends all others in it."""
        if processes.is_alive(self.init, self.init_born):
            processes.send(self.init, signal.SIGKILL)
        super().kill()


def namespaces() -> list[str]:
    """Return bubblewrap's options for what a server does not share with the machine."""
    kept = ["--cap-drop", "ALL"]
    if os.geteuid() == 0:
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
            kept += ["--cap-add", capability]
    else:
        kept += ["--unshare-user"]
    apart = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    return [*apart, "--hostname", "milepost", *kept]


def system() -> list[str]:
    """Return bubblewrap's options for the read-only system and the sized scratch folders."""
    options = ["--ro-bind", "/usr", "/usr"]
    for path in SYSTEM:
        if Path(path).is_symlink():
            options += ["--symlink", os.readlink(path), path]  # noqa: PTH115
        elif Path(path).exists():
            options += ["--ro-bind", path, path]
    for name in ETC:
        options += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    options += ["--proc", "/proc", "--dev", "/dev"]
    for path in ("/dev/shm", "/tmp"):  # noqa: S108
        options += ["--perms", "1777", "--size", str(SCRATCH_BYTES), "--tmpfs", path]
    return options


def _parents(paths: Iterable[str]) -> list[str]:
    """Return options that make the folders above, which would else be as closed as what is bound."""
    above = {str(parent) for path in paths for parent in Path(path).parents} - {"/"}
    return [option for path in sorted(above) for option in ("--perms", "0755", "--dir", path)]


def _become(uid: int) -> list[str]:
    """Return the command that gives up root inside, where the Hub is root."""
    if os.geteuid() != 0:
        return []
    return [
        "setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--no-new-privs",
        "--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all", "--",
    ]  # fmt: skip


def _user_files(folder: Path, uid: int) -> dict[str, Path]:
    """Write the `passwd` and `group` of a sandbox: the learner, and nobody."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "passwd": f"learner:x:{uid}:{uid}:Learner:{HOME}:/bin/bash\n"
        f"nobody:x:{NOBODY}:{NOBODY}:nobody:/nonexistent:/usr/sbin/nologin\n",
        "group": f"learner:x:{uid}:\nnogroup:x:{NOBODY}:\n",
    }
    files = {name: folder / f"{name}-{uid}" for name in contents}
    for name, content in contents.items():
        files[name].write_text(content, encoding="ascii")
    return files


@cache
def python_folders(environment: str) -> list[str]:
    """Return the environment's folder and those of the Python that it was made from."""
    python = Path(environment) / "bin" / "python"
    answer = subprocess.run(
        [python, "-I", "-S", "-c", "import sys; print(sys.base_prefix)"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    base = Path(answer.stdout.strip())
    executable = python.resolve().parents[1]
    found = dict.fromkeys([environment, str(base), str(base.resolve()), str(executable)])
    return [path for path in found if not Path(path).is_relative_to("/usr")]


@cache
def problem() -> str:
    """Say why learners' servers cannot run in bubblewrap here; empty if they can."""
    for tool in ("bwrap", *(("setpriv",) if os.geteuid() == 0 else ())):
        if shutil.which(tool) is None:
            return f"{tool} is not installed"
    probe = ["bwrap", *namespaces(), *system(), "--remount-ro", "/", "--", *_become(NOBODY), "true"]
    answer = subprocess.run(probe, capture_output=True, text=True, timeout=30, check=False)
    if answer.returncode == 0:
        return ""
    return f"bubblewrap does not work here ({answer.stderr.strip() or answer.returncode})"

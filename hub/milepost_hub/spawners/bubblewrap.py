"""Learners' servers in bubblewrap: a learner sees their own files and nobody else's."""

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any

from kernel_sandbox.seccomp import open_filter
from traitlets import Integer, Unicode

from milepost_hub import processes as machine
from milepost_hub.spawners import folders
from milepost_hub.spawners.local import LocalServer
from milepost_hub.spawners.sandbox import (
    HOME,
    SETTINGS,
    become,
    namespaces,
    parents,
    python_folders,
    system,
    user_files,
)


class BubblewrapServer(LocalServer):
    """A learner's server with its own view of processes and files.

    As root it runs under a user id of its own without any capability; otherwise in a user
    namespace. The network is the machine's: the server listens on loopback.
    """

    processes = Integer(512, help="Most processes and threads of a learner").tag(config=True)
    init = Integer(0, help="Process 1 of the sandbox, as the Hub sees it")
    init_born = Unicode(help="Tells that process from a later one with the same id")

    async def launch(self, command: list[str], folder: Path) -> None:
        """Start the command in a sandbox, and learn its first process's id."""
        uid = folders.own(folder) if os.geteuid() == 0 else os.geteuid()
        reader, writer = os.pipe()
        calls = open_filter()
        options = ["--info-fd", str(writer), *(["--seccomp", str(calls)] if calls else [])]
        handed = [writer, *([calls] if calls else [])]
        try:
            self.run(["bwrap", *options, *self._view(folder, uid), *command], pass_fds=handed)
        finally:
            for descriptor in handed:
                os.close(descriptor)
        with os.fdopen(reader, encoding="utf-8") as answer:
            told = await asyncio.to_thread(answer.read)
        if not told:
            raise RuntimeError("bubblewrap could not start the server: see the Hub's log")
        self.init = json.loads(told)["child-pid"]
        self.init_born = machine.birth(self.init)

    def _view(self, folder: Path, uid: int) -> list[str]:
        """Return bubblewrap's options for what the server sees and who it is."""
        shown = {self.jupyter_settings: SETTINGS}
        shown |= {path: path for path in python_folders(self.environment_folder)}
        bind = [*parents([HOME, *shown.values()]), "--bind", str(folder), HOME]
        for path, inside in shown.items():
            bind += ["--ro-bind", path, inside]
        users = user_files(Path(self.folders).parent / "hub" / "etc", uid)
        for name, file in users.items():
            bind += ["--ro-bind", str(file), f"/etc/{name}"]
        whole = ["--remount-ro", "/", "--"]
        return [*namespaces(), *system(), *bind, *whole, *become(uid, self.processes)]

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
        return next(iter(machine.descendants(self.init)), self.init)

    def kill(self) -> None:
        """End the sandbox: without its process 1 the kernel ends all others in it."""
        if machine.is_alive(self.init, self.init_born):
            machine.send(self.init, signal.SIGKILL)
        super().kill()

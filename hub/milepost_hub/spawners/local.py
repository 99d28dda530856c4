"""Learners' servers as plain local processes, each with its own folder."""

import asyncio
import os
import signal
from collections.abc import Collection
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

from jupyterhub.spawner import LocalProcessSpawner
from jupyterhub.utils import random_port
from traitlets import Unicode

from milepost_hub import processes
from milepost_hub.spawners import folders

PATIENCE = 6
CHECK_SECONDS = 0.1
# The server's output goes to the learner's own folder, opened with the learner's own rights: it
# can neither fill nor redirect a log of the platform.
SHELL = 'cd "$HOME" && exec "$@" > "$HOME/.server.log" 2>&1 < /dev/null'


class LocalServer(LocalProcessSpawner):  # type: ignore[misc]
    """One learner's server: `jupyterhub-singleuser` of the learner's environment.

    It outlives a Hub that is restarted or killed, which finds it again by process id and birth.
    """

    folders = Unicode(help="Folder of all learners' folders").tag(config=True)
    environment_folder = Unicode(help="The Python environment of servers").tag(config=True)
    jupyter_settings = Unicode(help="Folder of Jupyter settings for servers").tag(config=True)

    born = Unicode(help="Tells the server's process from a later one with the same id")

    async def start(self) -> tuple[str, int]:
        """Start the server and return its address."""
        self.port: int = self.port or random_port()
        folder = folders.prepare(Path(self.folders), self.user.name)
        server = [f"{self.environment_folder}/bin/jupyterhub-singleuser", *self.get_args()]
        await self.launch(["/bin/sh", "-c", SHELL, "server", *server], folder)
        await self._listening(folder / ".server.log")
        return self.ip, self.port

    async def _listening(self, log: Path) -> None:
        """Wait for the server's port, more often than the Hub does; the Hub limits how long."""
        while await self.poll() is None:
            try:
                _, writer = await asyncio.open_connection(self.ip, self.port)
            except OSError:
                await asyncio.sleep(CHECK_SECONDS)
            else:
                writer.close()
                return
        raise RuntimeError(f"The server ended at once: see {log} and the Hub's log")

    async def launch(self, command: list[str], folder: Path) -> None:
        """Start the command as a process that goes to the learner's folder."""
        del folder  # the command finds it as HOME
        self.run([*command, *(["--allow-root"] if os.geteuid() == 0 else [])])

    def run(self, command: list[str], pass_fds: Collection[int] = ()) -> None:
        """Start a process in a session of its own, and remember it."""
        self.proc = Popen(
            command,
            env=self.get_env(),
            stdin=DEVNULL,
            cwd="/",
            start_new_session=True,
            pass_fds=pass_fds,
        )
        self.pid = self.proc.pid
        self.born = processes.birth(self.pid)

    def home(self) -> str:
        """Return the learner's folder as the server sees it."""
        return str(Path(self.folders) / folders.safe_name(self.user.name))

    def settings_folder(self) -> str:
        """Return the folder of Jupyter settings as the server sees it."""
        return str(self.jupyter_settings)

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Add what a learner's processes need to know; nothing of the platform's is passed on."""
        home = self.home()
        return {
            "LANG": "C.UTF-8",
            **env,
            "HOME": home,
            "USER": self.user.name,
            "SHELL": "/bin/bash",
            "PATH": f"{self.environment_folder}/bin:/usr/local/bin:/usr/bin:/bin",
            "JUPYTER_CONFIG_PATH": self.settings_folder(),
            "JUPYTERHUB_ROOT_DIR": home,
        }

    def get_state(self) -> dict[str, Any]:
        """Return what finds the server again after a restart of the Hub."""
        return {**super().get_state(), **({"born": self.born} if self.pid else {})}

    def load_state(self, state: dict[str, Any]) -> None:
        """Find the server again after a restart of the Hub."""
        super().load_state(state)
        self.born = state.get("born", "")

    def clear_state(self) -> None:
        """Forget the server."""
        super().clear_state()
        self.born = ""

    async def poll(self) -> int | None:
        """Return None while the server runs, else its exit status (0 where that is unknown)."""
        status = self.proc.poll() if self.proc is not None else None
        if self.proc is None and not processes.is_alive(self.pid, self.born):
            status = 0
        if status is not None:
            self.kill()
            self.clear_state()
        return status

    async def stop(self, now: bool = False) -> None:
        """Let the server shut its kernels down, then end whatever is left of it."""
        if await self.poll() is not None:
            return
        if not now:
            processes.send(self.server_pid(), signal.SIGTERM)
            await self.wait_for_death(PATIENCE)
        self.kill()
        await self.wait_for_death(PATIENCE)

    def server_pid(self) -> int:
        """Return the process that asks its kernels to end when it is asked to."""
        return self.pid

    def kill(self) -> None:
        """End the server and everything that it started."""
        if processes.is_alive(self.pid, self.born):
            for pid in [self.pid, *processes.descendants(self.pid)]:
                processes.send(pid, signal.SIGKILL)

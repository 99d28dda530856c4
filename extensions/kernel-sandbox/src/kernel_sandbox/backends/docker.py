"""Sandboxes that are Docker containers."""

import os
import threading
import time
from functools import lru_cache
from importlib import resources
from typing import Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.types import LogConfig, Mount, Ulimit

from ..errors import BackendUnavailable, SandboxStartError
from ..owner import Owner
from ..watchdog import Watchdog
from .base import FIXED_ENVIRONMENT, Backend, CauseOfDeath, Sandbox, SandboxSpec
from .docker_output import Output
from .users import fresh_user

OWNER = "kernel-sandbox.owner"
DEADLINE = "kernel-sandbox.deadline"
_GRACE = 60  # seconds after its deadline at which anybody may remove a container
_FILL = 'cp -RP --preserve=mode,timestamps /submission/. /work/ && cd /work && exec "$@"'
_INODES = 20_000
_KILLED = 137
_LATE_VERDICT = 0.5  # seconds by which the daemon may learn late that memory ran out


class DockerBackend(Backend):
    """Runs the kernel in a container without network, rights, or a writable image.

    The daemon must be on this machine, because folders of it are shown inside.
    """

    name = "docker"

    def check(self) -> None:
        """See Backend."""
        if not self.options.image:
            raise BackendUnavailable(
                "No image is named for Docker sandboxes: set SandboxProvisioner.image."
            )
        try:
            client().api.inspect_image(self.options.image)
        except ImageNotFound as error:
            raise BackendUnavailable(
                f"The sandbox image {self.options.image} is not on this machine; "
                "build it or pull it, or set SandboxProvisioner.image."
            ) from error
        except DockerException as error:
            raise BackendUnavailable(f"Docker does not answer: {error}") from error

    def user(self) -> tuple[int, int] | None:
        """See Backend."""
        return fresh_user()

    def start(self, spec: SandboxSpec) -> Sandbox:
        """See Backend."""
        try:
            container = client().containers.create(
                self.options.image,
                [self.options.image_python, *spec.command],
                entrypoint=["/bin/sh", "-c", _FILL, "sh"],
                name=f"ks-{spec.name}",
                environment={**FIXED_ENVIRONMENT, **spec.environment},
                mounts=self._mounts(spec),
                user=f"{spec.user[0]}:{spec.user[1]}",
                labels=_labels(spec),
                **_isolation(),
                **_bounds(spec),
            )
        except ImageNotFound as error:
            raise BackendUnavailable(f"The sandbox image {self.options.image} is gone.") from error
        except DockerException as error:
            raise SandboxStartError(f"Docker cannot make the sandbox: {error}") from error
        return _run(container, spec)

    def _mounts(self, spec: SandboxSpec) -> list[Mount]:
        shown = {str(spec.submission): "/submission", **self.options.read_only_binds}
        return [
            *(Mount(inside, host, "bind", read_only=True) for host, inside in shown.items()),
            Mount(str(self.sockets_inside), str(spec.sockets), "bind"),
        ]


def _labels(spec: SandboxSpec) -> dict[str, str]:
    deadline = int(time.time() + spec.limits.wall_time)
    return {OWNER: str(Owner.me()), DEADLINE: str(deadline)}


def _isolation() -> dict[str, Any]:
    profile = resources.files("kernel_sandbox").joinpath("data/seccomp.json").read_text("utf-8")
    return {
        "network_mode": "none",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true", f"seccomp={profile}"],
        "ipc_mode": "private",
        "init": True,
        "hostname": "sandbox",
        "log_config": LogConfig(type="none"),
        "working_dir": "/",
        "stdin_open": False,
    }


def _bounds(spec: SandboxSpec) -> dict[str, Any]:
    limits, (user, group) = spec.limits, spec.user
    scratch = f"rw,exec,nosuid,nodev,size={limits.disk},nr_inodes={_INODES}"
    return {
        "mem_limit": limits.memory,
        "memswap_limit": limits.memory,
        "nano_cpus": round(limits.cpus * 1e9),
        "pids_limit": limits.processes + 2,  # beside the learner's: init, and the shell before
        "shm_size": limits.disk,
        "tmpfs": {
            "/work": f"{scratch},mode=0700,uid={user},gid={group}",
            "/tmp": f"{scratch},mode=1777",  # noqa: S108 - the sandbox's own
        },
        "ulimits": [
            Ulimit(name="core", soft=0, hard=0),
            Ulimit(name="fsize", soft=limits.disk, hard=limits.disk),
            Ulimit(name="nofile", soft=4096, hard=4096),
        ],
    }


def _run(container: Any, spec: SandboxSpec) -> Sandbox:
    try:
        output = Output(container)
        container.start()
    except DockerException as error:
        container.remove(force=True)
        raise SandboxStartError(f"Docker cannot start the sandbox: {error}") from error
    return DockerSandbox(container, output, spec.limits.wall_time)


class DockerSandbox(Sandbox):
    """A container."""

    def __init__(self, container: Any, output: Output, wall_time: float) -> None:
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
            state = client().api.inspect_container(self._container.id)["State"]
        except NotFound:  # somebody else removed it
            return {"Status": "dead", "ExitCode": _KILLED, "OOMKilled": False}
        return dict(state)

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
            if error.status_code == 409:  # noqa: PLR2004 - it has ended in the meantime
                return False
            raise
        return True

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


@lru_cache(maxsize=1)
def _client_of(pid: int) -> Any:  # noqa: ARG001 - a connection must not be shared across fork
    return docker.from_env(timeout=60)


def client() -> Any:
    """Return this process's Docker client. Raises BackendUnavailable where there is no daemon."""
    try:
        return _client_of(os.getpid())
    except DockerException as error:
        raise BackendUnavailable(f"Docker cannot be reached: {error}") from error


def remove_orphans() -> list[str]:
    """Remove containers whose owner has gone or whose deadline is long past; return their names.

    Raises BackendUnavailable where there is no Docker.
    """
    names = []
    for container in client().containers.list(
        all=True, filters={"label": OWNER}, ignore_removed=True
    ):
        owner = Owner.parse(container.labels.get(OWNER, ""))
        overdue = time.time() > int(container.labels.get(DEADLINE, "0")) + _GRACE
        if overdue or (owner is not None and owner.is_gone()):
            try:
                container.remove(force=True, v=True)
            except (NotFound, APIError):
                continue  # another reaper is removing it
            names.append(container.name)
    return names

"""Sandboxes that are Docker containers."""

from typing import Any

from docker.errors import DockerException, ImageNotFound
from docker.models.containers import Container
from docker.types import LogConfig, Mount, Ulimit

from .. import seccomp
from ..errors import BackendUnavailable, SandboxStartError
from .base import (
    CONNECTION_FILE,
    CONNECTION_SHOWN,
    FILL,
    FIXED_ENVIRONMENT,
    Backend,
    Sandbox,
    SandboxSpec,
)
from .docker_client import client, labels
from .docker_output import Output
from .docker_sandbox import DockerSandbox
from .users import fresh_user

_INODES = 20_000


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
            client().images.get(self.options.image)
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
                [self.options.image_python, *spec.words(CONNECTION_FILE)],
                entrypoint=["/bin/sh", "-c", FILL, "sh"],
                name=f"ks-{spec.name}",
                environment={**FIXED_ENVIRONMENT, **spec.environment},
                mounts=self._mounts(spec),
                user=f"{spec.user[0]}:{spec.user[1]}",
                labels=labels(spec.limits.wall_time),
                **_isolation(),
                **_bounds(spec),
            )
        except ImageNotFound as error:
            raise BackendUnavailable(f"The sandbox image {self.options.image} is gone.") from error
        except DockerException as error:
            raise SandboxStartError(f"Docker cannot make the sandbox: {error}") from error
        return _run(container, spec)

    def _mounts(self, spec: SandboxSpec) -> list[Mount]:
        shown = {
            str(spec.submission): "/submission",
            str(spec.connection_file): CONNECTION_SHOWN,
            **self.options.read_only_binds,
        }
        return [
            *(Mount(inside, host, "bind", read_only=True) for host, inside in shown.items()),
            Mount(str(self.sockets_inside), str(spec.sockets), "bind"),
        ]


def _isolation() -> dict[str, Any]:
    return {
        "network_mode": "none",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true", f"seccomp={seccomp.docker_profile()}"],
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


def _run(container: Container, spec: SandboxSpec) -> Sandbox:
    try:
        output = Output(container)
        container.start()
    except DockerException as error:
        container.remove(force=True)
        raise SandboxStartError(f"Docker cannot start the sandbox: {error}") from error
    return DockerSandbox(container, output, spec.limits.wall_time)

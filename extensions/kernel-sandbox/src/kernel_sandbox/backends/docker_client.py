"""The connection to the Docker daemon, and the labels by which sandboxes are told from others."""

import os
import time
from functools import lru_cache

import docker
from docker.errors import APIError, DockerException

from ..errors import BackendUnavailable
from ..owner import Owner

OWNER = "kernel-sandbox.owner"
DEADLINE = "kernel-sandbox.deadline"
_GRACE = 60  # seconds after its deadline at which anybody may remove a container


def labels(wall_time: float) -> dict[str, str]:
    """Return the labels of a container that this process starts now."""
    return {OWNER: str(Owner.me()), DEADLINE: str(int(time.time() + wall_time))}


@lru_cache(maxsize=1)
def _client_of(pid: int) -> docker.DockerClient:  # noqa: ARG001 - a connection must not be shared across fork
    return docker.from_env(timeout=60)


def client() -> docker.DockerClient:
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
            except APIError:
                continue  # another reaper is removing it
            names.append(str(container.name))
    return names

"""What Docker holds of a platform in the docker profile."""

from collections.abc import Collection
from contextlib import closing
from ipaddress import ip_network

import docker
from docker.models.containers import Container


def of_network(name: str) -> list[Container]:
    """Return the running containers on a network."""
    with closing(docker.from_env()) as client:
        return list(client.containers.list(filters={"network": name}))


def of_learner(network: str, username: str) -> Container:
    """Return the container of a learner's server."""
    found = [one for one in of_network(network) if username in str(one.name)]
    if len(found) != 1:
        raise AssertionError(f"one server of {username} expected, found {found}")
    return found[0]


def address(container: Container, network: str) -> str:
    """Return a container's address on a network."""
    container.reload()
    return str(container.attrs["NetworkSettings"]["Networks"][network]["IPAddress"])


def volumes(container: Container) -> set[str]:
    """Return the names of a container's volumes."""
    return {mount["Name"] for mount in container.attrs["Mounts"] if mount["Type"] == "volume"}


def gateway(network: str) -> str:
    """Return this machine's address on a network."""
    with closing(docker.from_env()) as client:
        subnet = client.networks.get(network).attrs["IPAM"]["Config"][0]
        # Docker writes down the gateway of its default network only when somebody chose it.
        return str(subnet.get("Gateway") or ip_network(subnet["Subnet"])[1])


def remove(network: str, volumes: Collection[str]) -> None:
    """Remove a network, the containers on it, and these volumes, where they are there."""
    for container in of_network(network):
        container.remove(force=True)
    with closing(docker.from_env()) as client:
        for volume in client.volumes.list():
            if volume.name in volumes:
                volume.remove(force=True)
        for found in client.networks.list(names=[network]):
            found.remove()

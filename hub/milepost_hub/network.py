"""The network of learners' containers: from it only the Hub and the service can be reached."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import docker
import docker.errors

from milepost_hub.errors import SetupError

LABEL = "milepost.network"


class LearnerNetwork:
    """A Docker network without a way out and without a way between containers.

    `internal` alone still lets containers reach each other and every port of this machine
    (tried with Docker 20.10): peers are blocked by `enable_icc`, the machine's ports by Firewall.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def exists(self) -> bool:
        """Whether the network has been made."""
        return self._attributes() is not None

    def ensure(self) -> None:
        """Make the network if there is none. Raises SetupError where Docker cannot."""
        if self.exists():
            return
        with failures_told(f"the network {self.name} could not be made"):
            docker_client().networks.create(
                self.name,
                driver="bridge",
                internal=True,
                options={"com.docker.network.bridge.enable_icc": "false"},
                labels={LABEL: "learners"},
            )

    def remove(self) -> None:
        """Remove the network, of which a machine has few; the containers have to be gone.

        Raises SetupError where Docker cannot.
        """
        with failures_told(f"the network {self.name} could not be removed"):
            docker_client().networks.get(self.name).remove()

    def gateway(self) -> str:
        """Return this machine's address on the network."""
        attributes = self._attributes()
        if attributes is None:
            raise SetupError(f"There is no Docker network {self.name}: start with `make up`.")
        address = attributes["IPAM"]["Config"][0].get("Gateway", "")
        if not address:
            raise SetupError(f"The Docker network {self.name} has no gateway: remove it.")
        return str(address).partition("/")[0]

    def bridge(self) -> str:
        """Return the name of the network's interface on this machine."""
        attributes = self._attributes() or {}
        named = attributes.get("Options", {}).get("com.docker.network.bridge.name")
        return str(named or f"br-{str(attributes['Id'])[:12]}")

    def _attributes(self) -> dict[str, Any] | None:
        with failures_told(f"the network {self.name} could not be looked up"):
            try:
                found: dict[str, Any] = docker_client().networks.get(self.name).attrs
            except docker.errors.NotFound:
                return None
            return found


@contextmanager
def failures_told(what: str) -> Iterator[None]:
    """Turn Docker's errors, and those of the way to it, into a SetupError that says `what`."""
    try:
        yield
    except (docker.errors.DockerException, OSError) as error:
        raise SetupError(f"Docker failed, and {what}: {error}") from error


def docker_client() -> docker.DockerClient:
    """Return a connection to Docker. Raises SetupError where it does not answer."""
    try:
        client = docker.from_env()
        client.ping()
    except docker.errors.DockerException as error:
        raise SetupError(
            f"Docker does not answer ({error}): start it, or use MILEPOST_PROFILE=embedded."
        ) from error
    return client

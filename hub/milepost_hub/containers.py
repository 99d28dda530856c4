"""Docker, as the launcher needs it: the image, the network, its firewall, and the end."""

import subprocess
from contextlib import suppress
from typing import Any

import docker
import docker.errors

from milepost_hub.deployment import deployment_name
from milepost_hub.errors import SetupError
from milepost_hub.firewall import Firewall
from milepost_hub.network import LearnerNetwork, docker_client, failures_told
from milepost_hub.settings import REPO, Settings

LABEL = "milepost.deployment"
OWN_IMAGE = "milepost-learner:dev"


class Containers:
    """What learners' containers need around them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._name = deployment_name(settings.home)
        self._network = LearnerNetwork(self._name)

    def prepare(self) -> None:
        """Make the network, and close this machine's ports to it unless the settings leave them.

        Raises SetupError where that fails.
        """
        self._network.ensure()
        if self._settings.firewall:
            self._firewall().install()

    def prepare_image(self) -> None:
        """Build our own image where something of it has changed.

        Raises SetupError where that fails, or where an image of somebody else's is missing.
        """
        image = self._settings.learner_image
        if image == OWN_IMAGE:
            script = REPO / "images" / "build.sh"
            done = subprocess.run([script, image], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise SetupError(f"The image {image} could not be built: {done.stderr[-2000:]}")
            return
        try:
            docker_client().images.get(image)
        except docker.errors.ImageNotFound as error:
            raise SetupError(f"There is no image {image}: docker pull {image}") from error

    def gateway(self) -> str:
        """Return the address on which the Hub and the service listen."""
        return self._network.gateway()

    def end(self) -> None:
        """Remove the containers that a killed Hub left behind, the firewall and the network.

        Volumes stay: learners' files are in them. Raises SetupError where Docker fails.
        """
        with failures_told("its containers could not be removed"):
            for container in self._left():
                # One that is ending by itself may be faster.
                with suppress(docker.errors.NotFound):
                    container.remove(force=True)
        if self._network.exists():
            self._firewall().remove()
            self._network.remove()

    def _left(self) -> list[Any]:
        found: list[Any] = docker_client().containers.list(
            all=True, filters={"label": f"{LABEL}={self._name}"}
        )
        return found

    def _firewall(self) -> Firewall:
        ports = [self._settings.hub_port, self._settings.service_port]
        return Firewall(self._network.bridge(), self._network.gateway(), ports)

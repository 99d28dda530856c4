"""One machine with Docker: every learner's server is a container."""

from traitlets.config import Config

from milepost_hub.deployment import deployment_name
from milepost_hub.network import LearnerNetwork
from milepost_hub.profiles import common
from milepost_hub.settings import Settings


def configure(c: Config, settings: Settings) -> None:
    """Add learners' servers as containers on the learners' network.

    The Hub's API and the service listen on that network's gateway address: containers reach
    them there, and nothing else of this machine.
    """
    deployment = deployment_name(settings.home)
    gateway = LearnerNetwork(deployment).gateway()
    c.JupyterHub.hub_ip = gateway
    common.add_services(c, settings, gateway)
    c.JupyterHub.spawner_class = "milepost_hub.spawners.container.ContainerServer"
    c.Spawner.environment["MILEPOST_API_URL"] = common.api_url(settings, gateway)
    c.Spawner.mem_limit = settings.learner_memory
    c.Spawner.cpu_limit = settings.learner_cpus
    c.DockerSpawner.image = settings.learner_image
    c.ContainerServer.deployment = deployment
    c.ContainerServer.processes = settings.learner_processes

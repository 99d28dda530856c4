"""One machine, no Docker: every learner's server is a local process of the Hub."""

from traitlets.config import Config

from milepost_hub import isolation
from milepost_hub.profiles import common
from milepost_hub.settings import LOOPBACK, REPO, Settings

SPAWNERS = {
    "bubblewrap": "milepost_hub.spawners.bubblewrap.BubblewrapServer",
    "process": "milepost_hub.spawners.local.LocalServer",
}


def configure(c: Config, settings: Settings) -> None:
    """Add local learners' servers, in bubblewrap where it works."""
    c.JupyterHub.hub_ip = LOOPBACK
    common.add_services(c, settings, LOOPBACK)
    c.JupyterHub.spawner_class = SPAWNERS[isolation.choose(settings)[0]]
    c.Spawner.ip = LOOPBACK
    c.Spawner.environment["MILEPOST_API_URL"] = common.api_url(settings, LOOPBACK)
    c.LocalServer.folders = str(settings.home / "learners")
    c.LocalServer.environment_folder = str(settings.learner_env)
    c.LocalServer.jupyter_settings = str(REPO / "images" / "learner" / "etc" / "jupyter")
    c.BubblewrapServer.processes = settings.learner_processes

"""The deployments of Milepost: what all share, and what each adds."""

from traitlets.config import Config

from milepost_hub.profiles import common, docker, embedded
from milepost_hub.settings import Settings

PROFILES = {"embedded": embedded.configure, "docker": docker.configure}


def configure(c: Config, settings: Settings) -> None:
    """Fill JupyterHub's configuration object for the deployment that the settings describe."""
    common.configure(c, settings)
    PROFILES[settings.profile](c, settings)

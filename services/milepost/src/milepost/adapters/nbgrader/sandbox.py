"""What the judge asks of sandboxes, and what identifies what ran in them."""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

from kernel_sandbox import BackendOptions, BackendUnavailable
from kernel_sandbox.backends import choose
from traitlets.config import Config


class SandboxUnavailableError(Exception):
    """No sandbox can be had as configured; the message says what to do."""


@dataclass(frozen=True)
class SandboxSettings:
    """How to run learners' code; plain data, so that it crosses into a child process."""

    backend: str
    image: str
    python: Path
    memory: str
    disk: str
    processes: int
    cpus: float
    cell_seconds: float
    notebook_seconds: float

    @property
    def wall_seconds(self) -> float:
        """How long a sandbox may live: its kernel's start and all cells, with room to spare."""
        return self.notebook_seconds + 60

    def config(self) -> Config:
        """Return the configuration of kernel and executor."""
        config = Config()
        provisioner = config.SandboxProvisioner
        provisioner.backend = self.backend
        provisioner.image = self.image
        provisioner.python = str(self.python)
        provisioner.memory = self.memory
        provisioner.disk = self.disk
        provisioner.processes = self.processes
        provisioner.cpus = self.cpus
        provisioner.wall_time = self.wall_seconds
        config.SandboxExecute.cell_seconds = self.cell_seconds
        config.SandboxExecute.notebook_seconds = self.notebook_seconds
        return config

    def chosen(self) -> str:
        """Return the backend that runs here, which is what `auto` stands for.

        Raises SandboxUnavailableError.
        """
        options = BackendOptions(python=str(self.python), image=self.image)
        # The choice is said, once, by whoever asks for it.
        log = logging.getLogger("kernel_sandbox.backends")
        level, log.level = log.level, logging.ERROR
        try:
            return choose(self.backend, options).name
        except BackendUnavailable as error:
            raise SandboxUnavailableError(str(error)) from error
        finally:
            log.level = level

    def digest(self) -> str:
        """Return what identifies the learner's environment: a hash of image or installed packages.

        Raises SandboxUnavailableError.
        """
        if self.chosen() == "docker":
            return _image_id(self.image)
        site = next(iter(self.python.parent.parent.glob("lib/python*/site-packages")), None)
        if site is None:
            raise SandboxUnavailableError(f"{self.python} is not in a virtual environment.")
        names = sorted(path.name for path in site.glob("*.dist-info"))
        return hashlib.sha256("\n".join(names).encode()).hexdigest()


def _image_id(image: str) -> str:
    import docker  # noqa: PLC0415 - it takes 0.2 s to import, and most profiles never need it

    client = docker.from_env()
    try:
        return str(client.images.get(image).id).removeprefix("sha256:")
    finally:
        client.close()

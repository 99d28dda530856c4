"""Everything that can be configured, as traits of the provisioner."""

import sys
import tempfile

from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Bool, Dict, Float, Integer, Unicode, default

from .backends import BackendOptions
from .limits import Limits, parse_bytes
from .traits import ByteCount, from_environment

_DEFAULTS = Limits()


class SandboxSettings(KernelProvisionerBase):
    """How to run sandboxes; `provisioner` runs them. Defaults may come from the environment."""

    backend = Unicode(
        help="""What sandboxes are made of: bubblewrap, docker, process (no isolation),
        auto (bubblewrap, else process with a warning), or "package.module:Class".
        Environment: KERNEL_SANDBOX_BACKEND.""",
    ).tag(config=True)
    image = Unicode(
        help="Image for docker; it needs python3 with ipykernel. KERNEL_SANDBOX_IMAGE."
    ).tag(config=True)
    image_python = Unicode(
        "python3", help="The interpreter in the image: a name on its PATH, or a path."
    ).tag(config=True)
    python = Unicode(
        help="""Interpreter, with ipykernel, that bubblewrap and process run; default: the one
        that runs this. KERNEL_SANDBOX_PYTHON."""
    ).tag(config=True)
    memory = ByteCount(
        help="Most bytes of memory, files included: a number, or 512M. KERNEL_SANDBOX_MEMORY."
    ).tag(config=True)
    processes = Integer(help="Most processes and threads. KERNEL_SANDBOX_PROCESSES.").tag(
        config=True
    )
    disk = ByteCount(help="Most bytes of /work, and of /tmp. KERNEL_SANDBOX_DISK.").tag(config=True)
    cpus = Float(help="Processor cores' worth of time. KERNEL_SANDBOX_CPUS.").tag(config=True)
    wall_time = Float(
        help="Seconds after which the sandbox is ended. KERNEL_SANDBOX_WALL_TIME."
    ).tag(config=True)
    read_only_binds = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="Further folders to show inside: {path on the host: path inside}.",
    ).tag(config=True)
    environment = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="Further environment variables of the kernel. None come from the host by themselves.",
    ).tag(config=True)
    runtime_dir = Unicode(
        help="""Folder for sockets and copies of kernels' folders; its path must be short, and the
        Docker daemon must see it under the same path. KERNEL_SANDBOX_RUNTIME_DIR."""
    ).tag(config=True)
    use_cgroups = Bool(
        True, help="Limit memory and processes by control groups where this machine allows it."
    ).tag(config=True)
    start_timeout = Float(60.0, help="Seconds that a kernel may take to get ready.").tag(
        config=True
    )

    @default("backend")
    def _default_backend(self) -> str:
        return from_environment("BACKEND", "auto", str)

    @default("image")
    def _default_image(self) -> str:
        return from_environment("IMAGE", "", str)

    @default("python")
    def _default_python(self) -> str:
        return from_environment("PYTHON", sys.executable, str)

    @default("memory")
    def _default_memory(self) -> int:
        return from_environment("MEMORY", _DEFAULTS.memory, parse_bytes)

    @default("processes")
    def _default_processes(self) -> int:
        return from_environment("PROCESSES", _DEFAULTS.processes, int)

    @default("disk")
    def _default_disk(self) -> int:
        return from_environment("DISK", _DEFAULTS.disk, parse_bytes)

    @default("cpus")
    def _default_cpus(self) -> float:
        return from_environment("CPUS", _DEFAULTS.cpus, float)

    @default("wall_time")
    def _default_wall_time(self) -> float:
        return from_environment("WALL_TIME", _DEFAULTS.wall_time, float)

    @default("runtime_dir")
    def _default_runtime_dir(self) -> str:
        return from_environment("RUNTIME_DIR", tempfile.gettempdir(), str)

    @property
    def limits(self) -> Limits:
        """The limits of the next sandbox. Raises LimitError where they are not sensible."""
        return Limits(
            memory=self.memory,
            processes=self.processes,
            disk=self.disk,
            cpus=self.cpus,
            wall_time=self.wall_time,
        )

    @property
    def options(self) -> BackendOptions:
        """What the backend needs to know beside the limits."""
        return BackendOptions(
            python=self.python,
            image=self.image,
            image_python=self.image_python,
            read_only_binds=self.read_only_binds,
            use_cgroups=self.use_cgroups,
        )

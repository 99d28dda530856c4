"""The kernel provisioner: what jupyter_client calls to start, watch and end a kernel."""

import asyncio
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import KernelProvisionerBase
from traitlets import Bool, Dict, Float, Integer, Unicode, default

from .backends import BackendOptions, CauseOfDeath
from .errors import SandboxStartError
from .limits import Limits, parse_bytes
from .runner import Order, RunningKernel, run
from .traits import ByteCount, from_environment

_DEFAULTS = Limits()
_LOOK_EVERY = 0.01  # seconds


class SandboxProvisioner(KernelProvisionerBase):
    """Runs a kernel in a sandbox that is used once.

    The folder that the kernel is started in is copied, read-only, to /submission and, for the
    kernel to work in, to /work; nothing comes back. A restart gives a fresh sandbox.
    """

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

    _kernel: RunningKernel | None = None
    _cause = CauseOfDeath.RUNNING

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
    def cause_of_death(self) -> CauseOfDeath:
        """Why the last sandbox ended, also after everything has been cleaned up."""
        return self._kernel.sandbox.cause_of_death if self._kernel else self._cause

    @property
    def has_process(self) -> bool:
        """Whether there is a sandbox that has not been waited for."""
        return self._kernel is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Return the arguments for `launch_kernel`.

        The caller's environment, in which JupyterHub's and other secrets lie, is dropped here.
        """
        cmd = [*self.kernel_spec.argv, *kwargs.get("extra_arguments", [])]
        return {"cmd": cmd, "cwd": kwargs.get("cwd")}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start a sandbox, wait until its kernel is ready, and return how to connect to it.

        Raises BackendUnavailable, LimitError, FolderTooLargeError or SandboxStartError, none of
        which is the fault of the code that is to run.
        """
        session = getattr(self.parent, "session", None)
        order = Order(
            command=cmd,
            cwd=Path(kwargs["cwd"]) if kwargs.get("cwd") else None,
            environment={**self.kernel_spec.env, **self.environment},
            limits=self.limits,
            backend=self.backend,
            options=BackendOptions(
                python=self.python,
                image=self.image,
                image_python=self.image_python,
                read_only_binds=self.read_only_binds,
                use_cgroups=self.use_cgroups,
            ),
            runtime=Path(self.runtime_dir),
            key=session.key if session else None,
            signature_scheme=session.signature_scheme if session else "hmac-sha256",
        )
        kernel = await asyncio.to_thread(run, order)
        try:
            await self._until_ready(kernel)
        except BaseException:
            self._cause = kernel.sandbox.cause_of_death
            await asyncio.to_thread(kernel.destroy)
            raise
        self._kernel = kernel
        self.connection_info = kernel.info
        return self.connection_info

    async def _until_ready(self, kernel: RunningKernel) -> None:
        end = time.monotonic() + self.start_timeout
        while not kernel.connection.ready():
            status = await asyncio.to_thread(kernel.sandbox.poll)
            if status is not None:
                raise SandboxStartError(
                    f"The sandbox ended before its kernel was ready ({kernel.death()})."
                )
            if time.monotonic() > end:
                raise SandboxStartError(
                    f"The kernel was not ready within {self.start_timeout:g} seconds "
                    f"({kernel.death()})."
                )
            await asyncio.sleep(_LOOK_EVERY)
        kernel.connection.seal()
        kernel.sandbox.close_output()

    async def poll(self) -> int | None:
        """Return the kernel's exit status; None while it runs."""
        return await asyncio.to_thread(self._kernel.sandbox.poll) if self._kernel else 0

    async def wait(self) -> int | None:
        """Wait until the kernel has ended, then clean up."""
        status = await self.poll()
        while status is None:
            await asyncio.sleep(0.1)
            status = await self.poll()
        await self.cleanup()
        return status

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel's process."""
        if self._kernel is None:
            return
        if signum == signal.SIGKILL:
            await self.kill()
        else:
            await asyncio.to_thread(self._kernel.sandbox.signal, signum)

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002 - the base class has it
        """End the sandbox; whatever it died of before stays its cause of death."""
        if self._kernel is not None:
            await asyncio.to_thread(self._kernel.sandbox.kill)

    async def terminate(self, restart: bool = False) -> None:
        """End the sandbox: there is nothing in it to be saved."""
        await self.kill(restart)

    async def shutdown_requested(self, restart: bool = False) -> None:
        """End the sandbox at once: there is nothing in it to be saved."""
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:  # noqa: ARG002
        """Remove everything that belonged to the sandbox. May be called again."""
        kernel, self._kernel = self._kernel, None
        if kernel is not None:
            await asyncio.to_thread(kernel.destroy)
            self._cause = kernel.sandbox.cause_of_death

"""The kernel provisioner: what jupyter_client calls to start, watch and end a kernel."""

import asyncio
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from jupyter_client.connect import KernelConnectionInfo
from traitlets import Unicode, default

from .backends import CauseOfDeath
from .errors import SandboxStartError
from .folders import new_identifier
from .runner import Order, RunningKernel, run
from .settings import SandboxSettings

T = TypeVar("T")

_LOOK_EVERY = 0.01  # seconds


async def _aside(function: Callable[..., T], *arguments: object) -> T:
    """Call a blocking function without holding up the event loop."""
    try:
        call = asyncio.get_running_loop().run_in_executor(None, function, *arguments)
    except RuntimeError:  # the interpreter is ending, which ends its threads first
        return function(*arguments)
    return await call


class SandboxProvisioner(SandboxSettings):
    """Runs a kernel in a sandbox that is used once.

    The folder that the kernel is started in is copied, read-only, to /submission and, for the
    kernel to work in, to /work; nothing comes back. A restart gives a fresh sandbox.
    """

    _kernel: RunningKernel | None = None
    _cause = CauseOfDeath.RUNNING
    _identifier = Unicode()

    @default("_identifier")
    def _default_identifier(self) -> str:
        return new_identifier()

    @property
    def cause_of_death(self) -> CauseOfDeath:
        """Why the last sandbox ended, also after everything has been cleaned up."""
        return self._kernel.sandbox.cause_of_death if self._kernel else self._cause

    @property
    def has_process(self) -> bool:
        """Whether there is a sandbox that has not been waited for."""
        return self._kernel is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the arguments for `launch_kernel`.

        The caller's environment, in which JupyterHub's and other secrets lie, is dropped here.
        """
        cmd = [*self.kernel_spec.argv, *kwargs.get("extra_arguments", [])]
        return {"cmd": cmd, "cwd": kwargs.get("cwd")}

    async def launch_kernel(  # the base class's signature
        self,
        cmd: list[str],
        **kwargs: Any,  # noqa: ANN401
    ) -> KernelConnectionInfo:
        """Start a sandbox, wait until its kernel is ready, and return how to connect to it.

        Raises BackendUnavailable, LimitError, FolderTooLargeError or SandboxStartError, none of
        which is the fault of the code that is to run.
        """
        session = getattr(self.parent, "session", None)
        order = Order(
            identifier=self._identifier,
            command=cmd,
            cwd=Path(kwargs["cwd"]) if kwargs.get("cwd") else None,
            environment={**self.kernel_spec.env, **self.environment},
            limits=self.limits,
            backend=self.backend,
            options=self.options,
            runtime=Path(self.runtime_dir),
            key=session.key if session else None,
            signature_scheme=session.signature_scheme if session else "hmac-sha256",
        )
        kernel = await _aside(run, order)
        try:
            await self._until_ready(kernel)
        except BaseException:
            self._cause = kernel.sandbox.cause_of_death
            await _aside(kernel.destroy)
            raise
        self._kernel = kernel
        self.connection_info = cast("KernelConnectionInfo", kernel.info)
        return self.connection_info

    async def _until_ready(self, kernel: RunningKernel) -> None:
        end = time.monotonic() + self.start_timeout
        while not kernel.connection.ready():
            status = await _aside(kernel.sandbox.poll)
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
        kernel.sandbox.kernel_is_ready()

    async def poll(self) -> int | None:
        """Return the kernel's exit status; None while it runs."""
        return await _aside(self._kernel.sandbox.poll) if self._kernel else 0

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
            await _aside(self._kernel.sandbox.signal, signum)

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002 - the base class has it
        """End the sandbox; whatever it died of before stays its cause of death."""
        if self._kernel is not None:
            await _aside(self._kernel.sandbox.kill)

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
            await _aside(kernel.destroy)
            self._cause = kernel.sandbox.cause_of_death

"""Starts sandboxed kernels as any Jupyter program would, and looks for what they leave behind."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from hashlib import sha256
from pathlib import Path

import docker
import pytest
from jupyter_client.manager import AsyncKernelManager
from kernel_sandbox import KERNEL_NAME, CauseOfDeath, SandboxProvisioner
from kernel_sandbox.cgroups import ROOT
from kernel_sandbox.owner import Owner
from traitlets.config import Config

from conftest import require

BOOTSTRAP = ("debootstrap", "--variant=minbase", "bookworm")
INSTALL = ("apt-get", "install", "-qq", "--no-install-recommends", "python3-ipykernel")
RECIPE = sha256(repr((BOOTSTRAP, INSTALL)).encode()).hexdigest()[:12]
PATIENCE = 30.0


class Kernel:
    """A running kernel in a sandbox."""

    def __init__(self, manager: AsyncKernelManager) -> None:
        self.manager = manager
        self.client = manager.client()

    @property
    def provisioner(self) -> SandboxProvisioner:
        return self.manager.provisioner

    @property
    def cause(self) -> CauseOfDeath:
        return self.provisioner.cause_of_death

    async def run(self, code: str) -> str:
        """Run `code` and return what it printed, or its traceback without colours."""
        pieces: list[str] = []

        def keep(message: dict) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                pieces.append(content["text"])
            elif message["msg_type"] == "error":
                pieces.append(f"{content['ename']}: {content['evalue']}\n")
                pieces.extend(content["traceback"])

        await self.client.execute_interactive(
            code,
            output_hook=keep,
            timeout=PATIENCE,
            stop_on_error=False,  # an error would abort what is sent right after it
        )
        return "".join(pieces).strip()

    def begin(self, code: str) -> None:
        """Start to run `code`, and do not wait."""
        self.client.execute(code)

    async def until_dead(self) -> CauseOfDeath:
        async with asyncio.timeout(PATIENCE):
            while await self.manager.is_alive():  # noqa: ASYNC110 - there is no event for it
                await asyncio.sleep(0.05)
        return self.cause


StartKernel = Callable[..., AbstractAsyncContextManager[Kernel]]


@pytest.fixture
def config(image: Callable[[], str]) -> Callable[..., Config]:
    """Make the configuration for a backend, with further traits of the provisioner."""

    def configured(backend: str, **traits: object) -> Config:
        config = Config()
        config.SandboxProvisioner.backend = backend
        if backend == "docker":
            config.SandboxProvisioner.image = image()
        for name, value in traits.items():
            setattr(config.SandboxProvisioner, name, value)
        return config

    return configured


@pytest.fixture
def start(config: Callable[..., Config]) -> StartKernel:
    """Start a kernel; whatever happens to it, nothing of it may be left afterwards."""

    @asynccontextmanager
    async def started(
        backend: str, cwd: Path | None = None, env: dict[str, str] | None = None, **traits: object
    ) -> AsyncIterator[Kernel]:
        manager = AsyncKernelManager(kernel_name=KERNEL_NAME, config=config(backend, **traits))
        arguments = {"env": env} if env else {}
        await manager.start_kernel(cwd=str(cwd) if cwd else None, **arguments)
        kernel = Kernel(manager)
        kernel.client.start_channels(hb=False)
        try:
            await kernel.client.wait_for_ready(timeout=PATIENCE)
            yield kernel
        finally:
            kernel.client.stop_channels()
            await manager.shutdown_kernel(now=True)

    return started


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    assert traces(Owner.me(), with_containers="docker" in request.node.name) == []


def traces(owner: Owner, *, with_containers: bool) -> list[str]:
    """Return all that a process's sandboxes have left on this machine."""
    name = str(owner)
    found = [str(path) for path in Path(tempfile.gettempdir()).glob(f"ks-{name}")]
    found += [str(path) for path in ROOT.glob(f"**/kernel-sandbox/{name}*")]
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = command.read_bytes().decode(errors="replace").split("\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if any(name in word for word in words) and "read -r _" not in " ".join(words):
            found.append(" ".join(words))
    mounts = Path("/proc/self/mountinfo").read_text()
    found += [line for line in mounts.splitlines() if name in line]
    if with_containers:
        filters = {"label": f"kernel-sandbox.owner={name}"}
        found += [item.name for item in docker.from_env().containers.list(True, filters=filters)]
    return found


@pytest.fixture(scope="session")
def find_traces() -> Callable[..., list[str]]:
    return traces


@pytest.fixture(scope="session")
def image() -> Callable[[], str]:
    """Return an image with Python and ipykernel, made here unless the environment names one."""

    def made() -> str:
        require("docker")
        if named := os.environ.get("KERNEL_SANDBOX_TEST_IMAGE"):
            return named
        tag = f"kernel-sandbox-test:{RECIPE}"
        client = docker.from_env()
        if not any(tag in image.tags for image in client.images.list()):
            _bootstrap(tag)
        return tag

    return made


def _bootstrap(tag: str) -> None:
    private = Path(tempfile.mkdtemp(prefix="kernel-sandbox-image-"))
    folder = private / "root"
    folder.mkdir(mode=0o755)
    try:
        subprocess.run([*BOOTSTRAP, str(folder)], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["chroot", folder, *INSTALL], check=True, stdout=subprocess.DEVNULL)
        packed = subprocess.Popen(["tar", "-C", folder, "-c", "."], stdout=subprocess.PIPE)
        subprocess.run(["docker", "import", "-", tag], stdin=packed.stdout, check=True)
        assert packed.wait() == 0
    finally:
        shutil.rmtree(private)

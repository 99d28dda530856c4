"""The programs that start kernels, with nothing set but the kernel's name and configuration."""

import asyncio
import json
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_client.multikernelmanager import AsyncMultiKernelManager
from kernel_sandbox import KERNEL_NAME
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert.preprocessors import ExecutePreprocessor

from conftest import require


@pytest.fixture(autouse=True)
def bubblewrap():
    require("bubblewrap")


@pytest.fixture
def project(tmp_path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "answers.py").write_text("ANSWER = 42\n")
    return folder


def notebook(*cells: str) -> nbformat.NotebookNode:
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    return made


def resources(folder: Path) -> dict:
    return {"metadata": {"path": str(folder)}}


def test_nbclient_runs_a_notebook_in_its_folder(config, project):
    done = NotebookClient(
        notebook("import os, answers", "print(answers.ANSWER, os.getcwd())"),
        kernel_name=KERNEL_NAME,
        resources=resources(project),
        config=config("bubblewrap"),
    ).execute()
    assert done.cells[1].outputs[0].text == "42 /work\n"


def test_nbconvert_runs_a_notebook_in_its_folder(config, project):
    done, _ = ExecutePreprocessor(kernel_name=KERNEL_NAME, config=config("bubblewrap")).preprocess(
        notebook("import answers; answers.ANSWER"), resources(project)
    )
    assert done.cells[0].outputs[0].data["text/plain"] == "42"


def test_an_error_in_a_cell_is_the_cells(config):
    client = NotebookClient(notebook("1 / 0"), kernel_name=KERNEL_NAME, config=config("bubblewrap"))
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        client.execute()


async def test_whoever_brings_the_manager_learns_what_the_kernel_died_of(config):
    manager = AsyncKernelManager(
        kernel_name=KERNEL_NAME, config=config("bubblewrap", memory="192M")
    )
    client = NotebookClient(notebook("hoard = b'x' * (1 << 30)"), km=manager)
    with pytest.raises(DeadKernelError):
        await client.async_execute()
    await manager.shutdown_kernel(now=True)
    assert manager.provisioner.cause_of_death == "out_of_memory"


async def test_after_nbclient_has_cleaned_up_the_cause_is_still_known(config):
    managers = []

    class RememberingManager(AsyncKernelManager):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            managers.append(self)

    client = NotebookClient(
        notebook("import os; os._exit(3)"),
        kernel_name=KERNEL_NAME,
        kernel_manager_class=RememberingManager,
        config=config("bubblewrap"),
    )
    with pytest.raises(DeadKernelError):
        await client.async_execute()
    assert managers[0].provisioner.cause_of_death == "exited"


def test_a_blocking_kernel_manager_needs_no_transport(config):
    manager = KernelManager(kernel_name=KERNEL_NAME, config=config("bubblewrap"))
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=30)
    assert manager.transport == "ipc"
    assert client.execute_interactive("1", timeout=30)["content"]["status"] == "ok"
    client.stop_channels()
    manager.shutdown_kernel()
    assert not manager.is_alive()


async def test_a_multi_kernel_manager_as_jupyterlab_has_it(config, tmp_path):
    kernels = AsyncMultiKernelManager(config=config("bubblewrap"), connection_dir=str(tmp_path))
    name = await kernels.start_kernel(kernel_name=KERNEL_NAME)
    manager = kernels.get_kernel(name)
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(timeout=30)
    await kernels.restart_kernel(name, now=True)
    await client.wait_for_ready(timeout=30)
    client.stop_channels()
    await kernels.shutdown_all(now=True)
    assert not list(tmp_path.glob("*.json"))


def test_a_kernel_that_is_shut_down_as_the_interpreter_ends(config):
    program = (
        "import atexit, json, sys\n"
        "from jupyter_client.manager import KernelManager\n"
        "from traitlets.config import Config\n"
        "manager = KernelManager(\n"
        "    kernel_name='python3-sandbox', config=Config(json.loads(sys.argv[1])))\n"
        "atexit.register(lambda: (manager.shutdown_kernel(), print(manager.is_alive())))\n"
        "manager.start_kernel()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(config("bubblewrap"))],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("False\n", "", 0)


def test_a_kernel_outlives_the_thread_that_started_it(config):
    managers = []

    def start():
        manager = AsyncKernelManager(kernel_name=KERNEL_NAME, config=config("bubblewrap"))
        asyncio.run(manager.start_kernel())
        managers.append(manager)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()

    async def still_runs() -> bool:
        await asyncio.sleep(0.3)
        alive = await managers[0].is_alive()
        await managers[0].shutdown_kernel(now=True)
        return alive

    assert asyncio.run(still_runs())

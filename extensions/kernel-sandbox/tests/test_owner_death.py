"""A process that is killed cannot clean up: somebody else has to."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kernel_sandbox import reap
from kernel_sandbox.owner import Owner

from conftest import require

pytestmark = pytest.mark.timeout(600)  # the first may have to make an image

OWNER = """
import json, sys, time
from jupyter_client.manager import KernelManager
from kernel_sandbox.owner import Owner
from traitlets.config import Config

manager = KernelManager(kernel_name="python3-sandbox", config=Config(json.loads(sys.argv[1])))
manager.start_kernel()
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=60)
client.execute("import os, time\\nif os.fork() == 0: time.sleep(600)\\nwhile True: pass")
print(json.dumps(str(Owner.me())), flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("backend", ["bubblewrap", "docker"])
def test_nothing_stays_when_the_owner_is_killed(backend, config, find_traces):
    require(backend)
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, json.dumps(config(backend))], stdout=subprocess.PIPE
    )
    owner = Owner.parse(json.loads(process.stdout.readline()))
    docker = backend == "docker"
    assert find_traces(owner, with_containers=docker)
    process.kill()
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 30
    while (left := find_traces(owner, with_containers=docker)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def test_a_plain_process_dies_with_its_owner(config):
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            OWNER.replace("if os.fork() == 0: time.sleep(600)", ""),
            json.dumps(config("process")),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    owner = json.loads(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 30
    while _mentioning(owner) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _mentioning(owner)


def _mentioning(owner: str) -> str:
    listed = subprocess.run(["pgrep", "-f", owner], capture_output=True, text=True, check=False)
    return listed.stdout


async def test_the_living_are_not_reaped(start):
    require("bubblewrap")
    async with start("bubblewrap") as kernel:
        reap(containers=False)
        assert await kernel.run("print('alive')") == "alive"


def test_a_folder_of_a_dead_owner_is_swept(tmp_path):
    process = subprocess.Popen(["sleep", "600"])
    mine = Owner.me()
    started = int(Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19])
    other = Owner(mine.boot, mine.namespace, process.pid, started)
    folder = other.folder(tmp_path) / "12345678"
    folder.mkdir(parents=True)
    assert reap(tmp_path, containers=False) == []
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert reap(tmp_path, containers=False) == [other.folder(tmp_path).name]
    assert list(tmp_path.iterdir()) == []


def test_an_owner_elsewhere_counts_as_alive_and_one_before_the_reboot_as_gone():
    mine = Owner.me()
    assert not mine.is_gone()
    assert not Owner(mine.boot, "1", mine.pid, 1).is_gone()
    assert Owner("00000000", mine.namespace, mine.pid, mine.started).is_gone()
    assert Owner(mine.boot, mine.namespace, mine.pid, 1).is_gone()
    assert Owner.parse(str(mine)) == mine
    assert Owner.parse("../etc") is None

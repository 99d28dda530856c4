"""The docker profile on a real Docker engine."""

import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from conftest import require

LOOK_AROUND = """
import json, os, socket
from pathlib import Path

def reach(host, port):
    with socket.socket() as probe:
        probe.settimeout(2)
        try:
            probe.connect((host, port))
        except OSError as error:
            return type(error).__name__
        return "reached"

def status(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(name + ":"))

def write(path):
    try:
        Path(path).write_text("x")
    except OSError as error:
        return error.strerror
    return "written"

def resolve(name):
    try:
        return socket.gethostbyname(name)
    except OSError:
        return "unknown"

def memory():
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        if Path(path).exists():
            return Path(path).read_text().strip()

print(json.dumps({{
    "reach": {{f"{{host}}:{{port}}": reach(host, port) for host, port in {targets}}},
    "capabilities": int(status("CapEff"), 16) | int(status("CapBnd"), 16),
    "no_new_privileges": status("NoNewPrivs"),
    "filter": status("Seccomp"),
    "uid": os.getuid(),
    "root": write("/etc/written"),
    "home": write("/home/learner/mine.txt"),
    "python": write("/opt/learner/written"),
    "docker": os.path.exists("/var/run/docker.sock"),
    "name": resolve("example.com"),
    "memory": memory(),
    "host": sorted(set(os.environ) & {{"MILEPOST_HOME", "MILEPOST_DATABASE_URL"}}),
}}))
"""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, make_platform: Callable) -> Iterator:
    require("docker")
    running = make_platform(
        tmp_path_factory.mktemp("docker") / "home",
        MILEPOST_PROFILE="docker",
        MILEPOST_LEARNER_MEMORY="1G",
    ).start()
    yield running
    running.stop()
    assert containers(running) == []
    docker("volume", "rm", *docker("volume", "ls", "-q", "-f", f"name={deployment(running)}"))
    assert docker("network", "ls", "-q", "--filter", f"name={deployment(running)}") == []


def docker(*arguments: str) -> list[str]:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.split()


def deployment(platform) -> str:
    return "milepost-" + (platform.home / "hub" / "deployment").read_text().strip()


def containers(platform) -> list[str]:
    return docker("ps", "-aq", "--filter", f"label=milepost.deployment={deployment(platform)}")


def gateway(platform) -> str:
    form = "{{(index .IPAM.Config 0).Gateway}}"
    return docker("network", "inspect", "--format", form, deployment(platform))[0]


@pytest.fixture(scope="module")
def seen(platform) -> dict:
    """What a learner sees who looks around, with another learner's server beside."""
    bob, ada = platform.visitor(), platform.visitor()
    bob.sign_up("bob")
    bob.open_server("bob")
    form = f'{{{{(index .NetworkSettings.Networks "{deployment(platform)}").IPAddress}}}}'
    peer = docker("inspect", "--format", form, f"{deployment(platform)}-bob")[0]
    ada.sign_up("ada")
    ada.open_server("ada")
    host = gateway(platform)
    with socket.create_server((host, 0)) as listener:
        other = listener.getsockname()[1]
        targets = {
            "hub": (host, platform.port + 1),
            "service": (host, platform.port + 3),
            "other": (host, other),
            "peer": (peer, 8888),
            "outside": ("192.0.2.1", 80),
            "metadata": ("169.254.169.254", 80),
        }
        printed = ada.run_python("ada", LOOK_AROUND.format(targets=list(targets.values())))
    found = json.loads(printed)
    found["reach"] = {
        name: found["reach"][f"{address}:{port}"] for name, (address, port) in targets.items()
    }
    return found


def test_a_container_reaches_the_hub_and_the_service_and_nothing_else(seen):
    reached = {name for name, answer in seen["reach"].items() if answer == "reached"}
    assert reached == {"hub", "service"}, seen["reach"]
    assert seen["name"] == "unknown"


def test_a_container_has_no_rights(seen):
    assert seen["capabilities"] == 0
    assert seen["no_new_privileges"] == "1"
    assert seen["filter"] == "2"
    assert seen["uid"] == 1000
    assert not seen["docker"]
    assert seen["host"] == []


def test_only_the_learners_own_folder_can_be_written(seen):
    assert seen["root"] == "Read-only file system"
    assert seen["python"] in {"Read-only file system", "Permission denied"}
    assert seen["home"] == "written"


def test_memory_and_processes_are_limited(seen, platform):
    assert int(seen["memory"]) == 1024**3
    form = "{{.HostConfig.PidsLimit}} {{.HostConfig.MemorySwap}} {{.HostConfig.CpuQuota}}"
    limits = docker("inspect", "--format", form, f"{deployment(platform)}-ada")
    assert limits == ["512", str(1024**3), "100000"]


def test_the_files_outlive_the_container(seen, platform):
    ada = platform.visitor()
    ada.sign_in("ada")
    ada.stop_server("ada")
    ada.open_server("ada")
    assert ada.run_python("ada", "print(open('/home/learner/mine.txt').read())").strip() == "x"


def test_a_killed_platform_leaves_containers_that_the_next_one_finds(seen, platform):
    ada = platform.visitor()
    ada.sign_in("ada")
    before = containers(platform)
    assert before
    hub = next(pid for pid, line in platform.processes().items() if "-m jupyterhub -f" in line)
    subprocess.run(["kill", "-STOP", str(platform.process.pid)], check=True)
    subprocess.run(["kill", "-KILL", str(hub), str(platform.process.pid)], check=True)
    platform.process.wait()
    time.sleep(1)
    platform.start()
    assert set(before) <= set(containers(platform))
    assert "jupyter-config-data" in ada.get("/user/ada/lab").text
    assert platform.stop(signal.SIGTERM) == 0
    assert containers(platform) == []
    platform.start()

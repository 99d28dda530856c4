"""The docker profile: what a learner's container may use, and whom it can reach."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.support import containers
from tests.support.browser import person
from tests.support.journey import Person
from tests.support.lab import Lab
from tests.support.platform import Platform
from tests.support.solutions import FIRST

pytestmark = pytest.mark.parametrize("platform", ["docker"], indirect=True)

GIBIBYTE = 2**30

MANY = """
import os, time
for _ in range(2000):
    if os.fork() == 0:
        time.sleep(5)
        os._exit(0)
"""

REACHABLE = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def reaches(host, port):
    try:
        socket.create_connection((host, port), timeout=3).close()
    except OSError:
        return False
    return True
with ThreadPoolExecutor() as pool:
    print(json.dumps(list(pool.map(lambda one: reaches(*one), json.loads(sys.argv[1])))))
"""

CGROUP = """
cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes
cat /sys/fs/cgroup/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids/pids.max
cat /sys/fs/cgroup/cpu.max 2>/dev/null ||
  echo $(cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us) $(cat /sys/fs/cgroup/cpu/cpu.cfs_period_us)
"""


def reaches(lab: Lab, *targets: tuple[str, int]) -> list[bool]:
    """Try to connect from the learner's terminal."""
    ran = lab.run(f"python3 -c '{REACHABLE}' '{json.dumps(targets)}'")
    assert ran.status == 0, ran.output
    answer: list[bool] = json.loads(ran.output.splitlines()[-1])
    return answer


@pytest.fixture
def listening_everywhere() -> Iterator[int]:
    """The port of something on this machine that listens on every address."""
    with closing(socket.create_server(("0.0.0.0", 0))) as server:
        yield server.getsockname()[1]


@pytest.fixture(scope="session")
def other(platform: Platform, browser: Browser) -> Iterator[Person]:
    """Another learner, whose server runs."""
    other = Person(platform, person(browser))
    other.open_project(other.sign_up(), FIRST)
    yield other
    other.context.close()


def test_the_hub_and_the_service_are_reached(lab: Lab):
    variables = ("JUPYTERHUB_API_URL", "MILEPOST_API_URL")
    urls = [urlsplit(lab.run(f"printenv {name}").output.strip()) for name in variables]
    targets = [(str(url.hostname), url.port or 80) for url in urls]
    assert reaches(lab, *targets) == [True, True]


def test_nothing_else_is_reached(
    platform: Platform, lab: Lab, other: Person, listening_everywhere: int
):
    network = platform.deployment
    gateway = containers.gateway(network)
    peer = containers.address(containers.of_learner(network, other.name), network)
    targets = {
        "the internet": ("1.1.1.1", 443),
        "a name server": ("8.8.8.8", 53),
        "the metadata address": ("169.254.169.254", 80),
        "another learner": (peer, 8888),
        "another port of this machine": (gateway, listening_everywhere),
        "this machine by another address": (containers.gateway("bridge"), listening_everywhere),
        "the proxy's own API": (gateway, platform.port + 2),
    }
    assert reaches(lab, (gateway, platform.port + 3)) == [True]
    for host in (gateway, containers.gateway("bridge")):
        socket.create_connection((host, listening_everywhere), timeout=3).close()
    found = dict(zip(targets, reaches(lab, *targets.values()), strict=True))
    assert found == dict.fromkeys(targets, False)


def test_memory_cpu_and_processes_are_limited(lab: Lab):
    memory, processes, cpu = lab.run(CGROUP).output.split("\n")[:3]
    assert int(memory) == 2 * GIBIBYTE
    assert int(processes) == 512
    quota, period = cpu.split()
    assert int(quota) == int(period)


def test_the_server_has_no_rights(platform: Platform, learner: Person, lab: Lab):
    network = platform.deployment
    host = containers.of_learner(network, learner.name).attrs["HostConfig"]
    assert host["CapDrop"] == ["ALL"]
    assert any(option.startswith("no-new-privileges") for option in host["SecurityOpt"])
    assert host["ReadonlyRootfs"]
    assert not host["Privileged"]
    ran = lab.run("id -u; grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status")
    uid, *rights = ran.output.split("\n")
    assert int(uid) != 0
    assert [line.split("\t")[1] for line in rights] == ["0" * 16, "0" * 16, "1"]
    assert lab.run("touch /usr/local/written").status != 0
    assert lab.run("ls /var/run/docker.sock").status != 0


def test_a_fork_bomb_hits_the_limit_and_the_server_lives_on(lab: Lab):
    ran = lab.run(f"python3 -c '{MANY}'", seconds=90)
    assert ran.status != 0
    assert "Resource temporarily unavailable" in ran.output
    assert lab.run("echo alive").output.splitlines()[-1] == "alive"

"""Fixtures and rules for every package's tests."""

import os
import shutil
import subprocess
from collections.abc import Callable

import pytest

REQUIRED = {name for name in os.environ.get("MILEPOST_REQUIRE", "").split(",") if name}


def _answers(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0


PROBES: dict[str, Callable[[], bool]] = {
    "docker": lambda: _answers("docker", "info"),
    "postgres": lambda: shutil.which("pg_ctlcluster") is not None,
    "redis": lambda: _answers("redis-server", "--version"),
    "chromium": lambda: _answers("chromium", "--version"),
    "bubblewrap": lambda: _answers("bwrap", "--ro-bind", "/", "/", "true"),
}


def require(name: str) -> None:
    """Skip the test where `name` is not on this machine; fail where MILEPOST_REQUIRE lists it."""
    if PROBES[name]():
        return
    message = f"{name} is not available on this machine"
    if name in REQUIRED:
        pytest.fail(f"{message}, although MILEPOST_REQUIRE lists it", pytrace=False)
    pytest.skip(message)

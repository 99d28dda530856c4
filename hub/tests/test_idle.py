"""Servers that nobody uses."""

import time
from collections.abc import Callable


def test_an_idle_server_is_stopped_and_its_files_are_kept(scratch_platform: Callable):
    platform = scratch_platform(MILEPOST_IDLE_MINUTES="0.1").start()
    visitor = platform.visitor()
    visitor.sign_up("ada")
    visitor.get("/hub/spawn/ada")
    culled = platform.home / "log" / "idle-culler.log"
    deadline = time.monotonic() + 120
    while "Culling server ada" not in culled.read_text():
        assert time.monotonic() < deadline, platform.logs()
        time.sleep(0.2)
    folder = platform.home / "learners" / "ada"
    (folder / "mine.txt").write_text("mine")
    while [line for line in platform.processes().values() if str(folder) in line]:
        assert time.monotonic() < deadline, platform.processes()
        time.sleep(0.2)
    assert (folder / ".server.log").exists(), "it had been started"
    assert visitor.get("/hub/api/users/ada").json()["server"] is None
    assert (folder / "mine.txt").read_text() == "mine"

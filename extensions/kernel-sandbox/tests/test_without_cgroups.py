"""Where control groups cannot be had, a watchdog looks at the memory."""

import pytest

from conftest import require


@pytest.mark.parametrize("backend", ["bubblewrap", "process"])
async def test_a_memory_bomb_is_still_out_of_memory(start, backend):
    if backend == "bubblewrap":
        require("bubblewrap")
    async with start(backend, memory="192M", use_cgroups=False) as kernel:
        kernel.begin("hoard = []\nwhile True: hoard.append(b'x' * 1_000_000)")
        assert await kernel.until_dead() == "out_of_memory"


async def test_a_memory_bomb_of_many_processes_is_still_out_of_memory(start):
    require("bubblewrap")
    async with start("bubblewrap", memory="256M", use_cgroups=False) as kernel:
        kernel.begin(
            "import os, time\n"
            "for _ in range(8):\n"
            "    if os.fork() == 0:\n"
            "        hoard = b'x' * 60_000_000\n"
            "        time.sleep(600)\n"
            "time.sleep(600)"
        )
        assert await kernel.until_dead() == "out_of_memory"


async def test_a_fork_bomb_is_still_limited(start):
    require("bubblewrap")
    async with start("bubblewrap", processes=40, use_cgroups=False) as kernel:
        said = await kernel.run(
            "import os, time\n"
            "n = 0\n"
            "try:\n"
            "    while True:\n"
            "        if os.fork() == 0: time.sleep(600)\n"
            "        n += 1\n"
            "except OSError as error: print(type(error).__name__, n < 45)"
        )
        assert said == "BlockingIOError True"

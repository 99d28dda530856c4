"""bubblewrap for a user without rights, whose sandboxes get a user namespace of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from conftest import require

PROGRAM = """
import json, os, tempfile, time
from jupyter_client.manager import KernelManager
from traitlets.config import Config

config = Config()
config.SandboxProvisioner.backend = "bubblewrap"
config.SandboxProvisioner.memory = "192M"
config.SandboxProvisioner.processes = 40
project = tempfile.TemporaryDirectory()
open(project.name + "/data.txt", "w").write("one")
manager = KernelManager(kernel_name="python3-sandbox", config=config)
manager.start_kernel(cwd=project.name)
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=60)

def run(code):
    said = []
    def keep(message):
        said.append(message["content"].get("text") or message["content"].get("ename") or "")
    client.execute_interactive(code, output_hook=keep, timeout=60)
    return "".join(said).strip()

seen = {
    "user outside": os.getuid(),
    "user inside": run("import os, socket; print(os.getuid(), os.getcwd())"),
    "file": run("print(open('data.txt').read())"),
    "written": run("open('data.txt', 'w').write('two'); print(os.listdir())"),
    "network": run("socket.create_connection(('1.1.1.1', 443), timeout=3)"),
    "namespaces": run("import ctypes; print(ctypes.CDLL(None).unshare(0x10000000))"),
    "rights": run("print([l for l in open('/proc/self/status') if l.startswith('CapEff')])"),
    "forks": run(
        "n = 0\\n"
        "try:\\n"
        "    while True:\\n"
        "        if os.fork() == 0: import time; time.sleep(600)\\n"
        "        n += 1\\n"
        "except OSError as error: print(type(error).__name__, n < 45)"
    ),
    "unchanged": open(project.name + "/data.txt").read(),
}
client.execute("hoard = []\\nwhile True: hoard.append(b'x' * 1_000_000)")
end = time.monotonic() + 30
while manager.is_alive() and time.monotonic() < end:
    time.sleep(0.05)
client.stop_channels()
manager.shutdown_kernel(now=True)
seen["cause"] = manager.provisioner.cause_of_death
print(json.dumps(seen))
"""
NOBODY = 65534


def test_an_ordinary_users_sandbox_is_isolated_too():
    require("bubblewrap")
    command = [sys.executable, "-c", PROGRAM]
    if os.geteuid() == 0:
        command = [*_as_nobody(), *command]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, cwd="/", check=False
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen.pop("user outside") != 0
    assert seen == {
        "user inside": "1000 /work",
        "file": "one",
        "written": "['data.txt']",
        "network": "OSError",
        "namespaces": "-1",
        "rights": "['CapEff:\\t0000000000000000\\n']",
        "forks": "BlockingIOError True",
        "unchanged": "one",
        "cause": "out_of_memory",
    }


def _as_nobody() -> list[str]:
    """Become nobody, where the interpreter is readable even if it lies in root's home."""
    base = Path(sys.base_prefix).resolve()
    above = [path for path in reversed(base.parents) if path.is_relative_to("/root")]
    return [
        *("bwrap", "--dev-bind", "/", "/", "--tmpfs", "/root"),
        *(word for path in above for word in ("--perms", "0755", "--dir", str(path))),
        *("--ro-bind", str(base), str(base), "--setenv", "HOME", "/tmp"),
        *("setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"),
        *("--inh-caps=-all", "--bounding-set=-all", "--"),
    ]

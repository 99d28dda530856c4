"""What every backend promises, held against all of them; and a table of what one cannot keep."""

import asyncio
import contextlib
import http.server
import os
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import require

pytestmark = pytest.mark.timeout(600)  # the first may have to make an image

BACKENDS = ("bubblewrap", "docker", "process")

EXEMPT = {
    "process": {
        "its own network",
        "its own files",
        "its own process ids",
        "its own environment",
        "fewer system calls",
        "a limited disk",
        "limited processes",
        "descendants end with it",
    },
}
"""A plain process keeps the promises that need no isolation, and no others."""


def promised(promise: str) -> pytest.MarkDecorator:
    """Run a test with every backend that keeps `promise`."""
    assert promise in EXEMPT["process"]
    keepers = [name for name in BACKENDS if promise not in EXEMPT.get(name, set())]
    return pytest.mark.parametrize("backend", keepers, indirect=True)


by_all = pytest.mark.parametrize("backend", BACKENDS, indirect=True)


@pytest.fixture
def backend(request):
    if request.param != "process":
        require(request.param)
    return request.param


@pytest.fixture
def project(tmp_path) -> Path:
    folder = tmp_path / "project"
    (folder / "app").mkdir(parents=True)
    (folder / "app" / "main.py").write_text("def broken():\n    return 1 / 0\n")
    (folder / "data.txt").write_text("one\n")
    folder.chmod(0o700)
    return folder


@pytest.fixture
def server() -> Iterator[int]:
    """A web server of the host on loopback."""
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@by_all
async def test_code_runs_and_its_output_comes_back(start, backend):
    async with start(backend) as kernel:
        assert await kernel.run("print(6 * 7)") == "42"
        assert await kernel.run("import sys; print('oh', file=sys.stderr)") == "oh"
        assert kernel.cause == "running"
    assert kernel.cause == "killed"


@by_all
async def test_the_folders_files_are_there_to_read_import_and_change(start, backend, project):
    async with start(backend, project) as kernel:
        assert await kernel.run("print(open('data.txt').read())") == "one"
        assert "ZeroDivisionError" in await kernel.run("import app.main; app.main.broken()")
        await kernel.run("open('data.txt', 'a').write('two'); open('new.txt', 'w').write('x')")
        assert await kernel.run("print(open('data.txt').read())") == "one\ntwo"


@by_all
async def test_nothing_is_written_back(start, backend, project):
    async with start(backend, project) as kernel:
        await kernel.run(
            "import shutil\nopen('data.txt', 'w').write('changed')\nopen('new', 'w')\n"
            "shutil.rmtree('app')"
        )
    assert sorted(path.name for path in project.iterdir()) == ["app", "data.txt"]
    assert (project / "data.txt").read_text() == "one\n"


@by_all
async def test_links_of_the_folder_lead_nowhere_new_and_modes_are_kept(start, backend, project):
    secret = project.parent / "secret.txt"
    secret.write_text("the answers")
    (project / "link").symlink_to(secret)
    (project / "tool.sh").write_text("#!/bin/sh\necho tool\n")
    (project / "tool.sh").chmod(0o755)
    os.mkfifo(project / "pipe")
    async with start(backend, project) as kernel:
        assert await kernel.run("import os; print(os.path.islink('link'))") == "True"
        assert await kernel.run("print(os.path.lexists('pipe'))") == "False"
        assert "tool" in await kernel.run(
            "import subprocess; print(subprocess.getoutput('./tool.sh'))"
        )
        if backend != "process":
            assert "FileNotFoundError" in await kernel.run("open('link').read()")


@promised("its own files")
async def test_the_submission_is_read_only_and_the_machine_is_not_there(start, backend, project):
    host = [str(project), __file__, sys.executable, "/var/run/docker.sock", "/etc/shadow"]
    async with start(backend, project) as kernel:
        assert await kernel.run("import os; print(os.getcwd())") == "/work"
        assert await kernel.run("print(open('/submission/data.txt').read())") == "one"
        for target in ("/submission/x", "/x", "/usr/x", "/etc/x", "/opt/x", "/run/kernel/x"):
            said = await kernel.run(f"open({target!r}, 'w')")
            assert said.startswith(("OSError", "PermissionError", "FileNotFoundError")), said
        for path in host:
            assert await kernel.run(f"print(os.access({path!r}, os.R_OK))") == "False"


@promised("its own files")
async def test_tracebacks_show_no_path_of_the_host(start, backend, project):
    async with start(backend, project) as kernel:
        said = await kernel.run("import app.main, json\napp.main.broken()")
        said += await kernel.run("json.loads('{')")
    assert "/work/app/main.py" in said
    assert str(project.parent) not in said
    assert str(Path(__file__).parents[3]) + "/" not in said.replace("/work/app", "")
    assert "/root" not in said


@promised("its own network")
async def test_there_is_no_network(start, backend, server):
    async with start(backend) as kernel:
        connect = "import socket; socket.create_connection(({host!r}, {port}), timeout=3)"
        for host, port in (("127.0.0.1", server), ("169.254.169.254", 80), ("1.1.1.1", 443)):
            said = await kernel.run(connect.format(host=host, port=port))
            assert said.startswith(("ConnectionRefusedError", "OSError")), said
        said = await kernel.run("socket.getaddrinfo('example.org', 80)")
        assert said.startswith("gaierror"), said
        said = await kernel.run(
            "s = socket.socket(type=socket.SOCK_DGRAM); s.sendto(b'x', ('8.8.8.8', 53))"
        )
        assert said.startswith("OSError"), said


@by_all
async def test_loopback_inside_works(start, backend):
    async with start(backend) as kernel:
        said = await kernel.run(
            "import socket\n"
            "s = socket.create_server(('127.0.0.1', 0))\n"
            "c = socket.create_connection(s.getsockname())\n"
            "c.sendall(b'hello')\n"
            "print(s.accept()[0].recv(5))"
        )
        assert said == "b'hello'"


@by_all
async def test_no_variable_of_the_host_comes_in(start, backend, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "host-secret")
    async with start(backend, env={**os.environ, "KERNEL_USERNAME": "host-secret"}) as kernel:
        seen = await kernel.run("import os; print(sorted(os.environ.items()))")
    assert "host-secret" not in seen
    assert "JUPYTERHUB" not in seen


@by_all
async def test_variables_that_are_configured_come_in(start, backend):
    async with start(backend, environment={"COURSE": "backend-python"}) as kernel:
        assert await kernel.run("import os; print(os.environ['COURSE'])") == "backend-python"


@by_all
async def test_a_memory_bomb_is_out_of_memory(start, backend):
    async with start(backend, memory="192M") as kernel:
        kernel.begin("hoard = []\nwhile True: hoard.append(b'x' * 1_000_000)")
        assert await kernel.until_dead() == "out_of_memory"
    assert kernel.cause == "out_of_memory"


@promised("a limited disk")
@pytest.mark.parametrize("folder", ["/work", "/tmp", "/dev/shm"])
async def test_a_full_disk_is_an_error_inside(start, backend, folder):
    async with start(backend, disk="16M") as kernel:
        said = await kernel.run(
            f"import os\nfor n in range(9):\n"
            f"    with open(f'{folder}/{{n}}', 'wb') as f: f.write(b'x' * 4_000_000)"
        )
        assert "No space left on device" in said
        assert await kernel.run("print('alive')") == "alive"


@promised("a limited disk")
async def test_files_count_as_memory(start, backend):
    async with start(backend, memory="128M", disk="1G") as kernel:
        kernel.begin("while True:\n    with open('/tmp/big', 'ab') as f: f.write(b'x' * 1_000_000)")
        assert await kernel.until_dead() == "out_of_memory"


@promised("a limited disk")
async def test_a_flood_of_empty_files_ends_inside(start, backend):
    async with start(backend, memory="128M") as kernel:
        kernel.begin("n = 0\nwhile True:\n    n += 1\n    open(f'/tmp/{n}', 'w').close()")
        kernel.begin("print('over')")
        await _until_idle_or_dead(kernel)
        assert kernel.cause in {"running", "out_of_memory"}


async def _until_idle_or_dead(kernel) -> None:
    waiting = asyncio.create_task(kernel.client.get_shell_msg(timeout=60))
    dying = asyncio.create_task(kernel.until_dead())
    _, pending = await asyncio.wait({waiting, dying}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)


@promised("limited processes")
async def test_a_fork_bomb_stays_small_and_the_kernel_answers(start, backend):
    async with start(backend, processes=40) as kernel:
        said = await kernel.run(
            "import os, signal, time\n"
            "born = []\n"
            "try:\n"
            "    while True:\n"
            "        pid = os.fork()\n"
            "        if pid == 0: time.sleep(60); os._exit(0)\n"
            "        born.append(pid)\n"
            "except OSError as error: print(type(error).__name__, len(born) < 45)\n"
            "for pid in born: os.kill(pid, signal.SIGKILL); os.waitpid(pid, 0)"
        )
        assert said == "BlockingIOError True"
        assert await kernel.run("print('alive')") == "alive"


@promised("limited processes")
async def test_a_thread_bomb_stays_small(start, backend):
    async with start(backend, processes=60) as kernel:
        said = await kernel.run(
            "import threading\n"
            "gate = threading.Event(); n = 0\n"
            "try:\n"
            "    while True: threading.Thread(target=gate.wait, daemon=True).start(); n += 1\n"
            "except RuntimeError as error: print(error, n < 60)\n"
            "gate.set()"
        )
        assert said == "can't start new thread True"


@by_all
@pytest.mark.parametrize("code", ["while True: pass", "import time; time.sleep(600)"])
async def test_an_interrupt_reaches_endless_code(start, backend, code):
    async with start(backend) as kernel:
        running = asyncio.create_task(kernel.run(code))
        await asyncio.sleep(0.5)
        await kernel.manager.interrupt_kernel()
        assert (await running).startswith("KeyboardInterrupt")
        assert await kernel.run("print('alive')") == "alive"


@by_all
async def test_the_wall_time_ends_it(start, backend):
    async with start(backend, wall_time=3) as kernel:
        kernel.begin("while True: pass")
        assert await kernel.until_dead() == "timed_out"


@by_all
@pytest.mark.parametrize(
    "code",
    ["import os; os._exit(0)", "import os; os.abort()", "import ctypes; ctypes.string_at(0)"],
)
async def test_a_kernel_that_ends_itself_has_exited(start, backend, code):
    async with start(backend) as kernel:
        kernel.begin(code)
        assert await kernel.until_dead() == "exited"


@promised("descendants end with it")
async def test_daemons_end_with_the_sandbox(start, backend):
    # The autouse fixture looks for processes by the sandbox's name in their arguments.
    async with start(backend) as kernel:
        await kernel.run(
            "import os, time\n"
            "if os.fork() == 0:\n"
            "    os.setsid()\n"
            "    if os.fork() == 0: time.sleep(600)\n"
            "    os._exit(0)"
        )
        mine = await kernel.run("print(os.getuid())")
    assert _processes_of(int(mine)) == []


def _processes_of(user: int) -> list[Path]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if user != os.getuid() and path.stat().st_uid == user:
                found.append(path)
    return found


@by_all
async def test_two_at_once_do_not_share_files(start, backend, project):
    async with start(backend, project) as one, start(backend, project) as other:
        await one.run("open('mine', 'w').write('1'); open('/tmp/ks-contract-mine', 'w')")
        await one.run("import os; os.remove('/tmp/ks-contract-mine')")
        assert await other.run("import os; print(sorted(os.listdir()))") == "['app', 'data.txt']"


@promised("its own process ids")
async def test_processes_of_the_host_and_of_others_are_not_visible(start, backend):
    async with start(backend) as one, start(backend) as other:
        for kernel in (one, other):
            seen = await kernel.run(
                "import os; print(len([p for p in os.listdir('/proc') if p.isdigit()]))"
            )
            assert int(seen) <= 3


@by_all
async def test_a_restart_gives_a_fresh_sandbox(start, backend, project):
    async with start(backend, project) as kernel:
        await kernel.run("open('data.txt', 'w').write('changed'); x = 1")
        await kernel.manager.restart_kernel(now=True)
        await kernel.client.wait_for_ready(timeout=30)
        assert await kernel.run("print(open('data.txt').read())") == "one"
        assert (await kernel.run("x")).startswith("NameError")


@by_all
async def test_a_killed_kernel_has_been_killed(start, backend):
    async with start(backend) as kernel:
        await kernel.manager.shutdown_kernel(now=True)
        assert kernel.cause == "killed"
        assert not await kernel.manager.is_alive()


REFUSED = """
import ctypes, errno, os, platform, socket
libc = ctypes.CDLL(None, use_errno=True)
results = []
def attempt(name, function, *arguments):
    ctypes.set_errno(0)
    if function(*arguments) != -1: results.append(name)
numbers = {"x86_64": (321, 250), "aarch64": (280, 219)}[platform.machine()]
attempt("unshare", libc.unshare, 0x10000000)
attempt("unshare mount", libc.unshare, 0x20000)
attempt("mount", libc.mount, b"none", b"/tmp", b"tmpfs", 0, None)
attempt("bpf", libc.syscall, numbers[0], 0, 0, 0)
attempt("keyctl", libc.syscall, numbers[1], 0, -3, 1)
attempt("io_uring", libc.syscall, 425, 8, 0)
attempt("setuid", libc.setuid, 0)
attempt("setgroups", libc.setgroups, 0, None)
attempt("clone into a user namespace", libc.syscall, {"x86_64": 56, "aarch64": 220}[
    platform.machine()], 0x10000000 | 17, 0, 0, 0, 0)
try:
    socket.socket(40, socket.SOCK_STREAM)
    results.append("vsock")
except OSError: pass
print(results)
"""


@promised("fewer system calls")
async def test_what_breaks_out_of_sandboxes_is_refused(start, backend):
    async with start(backend) as kernel:
        assert await kernel.run(REFUSED) == "[]"
        status = await kernel.run("print(open('/proc/self/status').read())")
    lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert int(lines["CapEff"], 16) == int(lines["CapBnd"], 16) == 0
    assert lines["NoNewPrivs"] == "1"
    assert lines["Seccomp"] == "2"


@promised("its own environment")
async def test_no_setuid_program_gives_rights(start, backend):
    async with start(backend) as kernel:
        said = await kernel.run(
            "import subprocess; print(subprocess.getoutput('mount; su -c id; id -u'))"
        )
        assert said.splitlines()[-1] == await kernel.run("import os; print(os.getuid())")
        assert "uid=0" not in said


@promised("its own files")
async def test_the_kernel_loses_the_folder_of_its_sockets(start, backend):
    if os.geteuid() != 0:
        return  # only root can take it away: see README, "What it withstands"
    async with start(backend) as kernel:
        folder = Path(kernel.manager.ip).parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o711
        said = await kernel.run("import os; os.symlink('/x', '/run/kernel/k-9')")
        assert said.startswith("PermissionError")
        assert (await kernel.run("os.remove('/run/kernel/k-1')")).startswith("PermissionError")


@by_all
async def test_a_flood_of_output_does_not_stop_the_end(start, backend):
    async with start(backend) as kernel:
        kernel.begin(
            "import os\n"
            "while True:\n"
            "    for fd in range(1, 80):\n"
            "        try:\n"
            "            os.set_blocking(fd, False); os.write(fd, b'x' * 65536)\n"
            "        except OSError: pass"
        )
        await asyncio.sleep(0.5)
        await kernel.manager.shutdown_kernel(now=True)
        assert kernel.cause == "killed"

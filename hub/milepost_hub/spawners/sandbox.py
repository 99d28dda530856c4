"""bubblewrap's options for a learner's server, and whether they work on this machine."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path

HOME = "/home/learner"
SETTINGS = "/opt/milepost/jupyter"
SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
# What programs need of /etc; nothing that names users, hosts' secrets or services.
ETC = (
    "alternatives", "bash.bashrc", "ca-certificates", "ca-certificates.conf", "gitconfig",
    "hosts", "inputrc", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "magic",
    "mime.types", "nsswitch.conf", "pki", "profile", "resolv.conf", "ssl", "terminfo", "timezone",
)  # fmt: skip
SCRATCH_BYTES = 512 * 1024 * 1024
NOBODY = 65534


def namespaces() -> list[str]:
    """Return bubblewrap's options for what a server does not share with the machine."""
    kept = ["--cap-drop", "ALL"]
    if os.geteuid() == 0:
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
            kept += ["--cap-add", capability]
    else:
        kept += ["--unshare-user"]
    apart = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    return [*apart, "--hostname", "milepost", *kept]


def system() -> list[str]:
    """Return bubblewrap's options for the read-only system and the sized scratch folders."""
    options = ["--ro-bind", "/usr", "/usr"]
    for path in SYSTEM:
        if Path(path).is_symlink():
            options += ["--symlink", os.readlink(path), path]  # noqa: PTH115
        elif Path(path).exists():
            options += ["--ro-bind", path, path]
    options += parents(["/etc/ssl"])
    for name in ETC:
        options += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    options += ["--proc", "/proc", "--dev", "/dev"]
    for path in ("/dev/shm", "/tmp"):  # noqa: S108
        options += ["--perms", "1777", "--size", str(SCRATCH_BYTES), "--tmpfs", path]
    return options


def parents(paths: Iterable[str]) -> list[str]:
    """Return options that make the folders above; bubblewrap's own would be closed to others."""
    above = {str(parent) for path in paths for parent in Path(path).parents} - {"/"}
    return [option for path in sorted(above) for option in ("--perms", "0755", "--dir", path)]


def become(uid: int, processes: int = 512) -> list[str]:
    """Return the command that gives up root inside, where the Hub is root.

    The limit on processes counts those of the learner's own user id.
    """
    if os.geteuid() != 0:
        return []
    return [
        "prlimit", f"--nproc={processes}", "--core=0", "setpriv", f"--reuid={uid}",
        f"--regid={uid}", "--clear-groups", "--no-new-privs", "--inh-caps=-all",
        "--ambient-caps=-all", "--bounding-set=-all", "--",
    ]  # fmt: skip


def user_files(folder: Path, uid: int) -> dict[str, Path]:
    """Write the `passwd` and `group` of a sandbox: the learner, and nobody."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "passwd": f"learner:x:{uid}:{uid}:Learner:{HOME}:/bin/bash\n"
        f"nobody:x:{NOBODY}:{NOBODY}:nobody:/nonexistent:/usr/sbin/nologin\n",
        "group": f"learner:x:{uid}:\nnogroup:x:{NOBODY}:\n",
    }
    files = {name: folder / f"{name}-{uid}" for name in contents}
    for name, content in contents.items():
        files[name].write_text(content, encoding="ascii")
    return files


@cache
def python_folders(environment: str) -> list[str]:
    """Return the environment's folder and those of the Python that it was made from."""
    python = Path(environment) / "bin" / "python"
    answer = subprocess.run(
        [python, "-I", "-S", "-c", "import sys; print(sys.base_prefix)"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    base = Path(answer.stdout.strip())
    executable = python.resolve().parents[1]
    found = dict.fromkeys([environment, str(base), str(base.resolve()), str(executable)])
    return [path for path in found if not Path(path).is_relative_to("/usr")]


@cache
def problem() -> str:
    """Say why learners' servers cannot run in bubblewrap here; empty if they can."""
    for tool in ("bwrap", *(("prlimit", "setpriv") if os.geteuid() == 0 else ())):
        if shutil.which(tool) is None:
            return f"{tool} is not installed"
    probe = ["bwrap", *namespaces(), *system(), "--remount-ro", "/", "--", *become(NOBODY), "true"]
    answer = subprocess.run(probe, capture_output=True, text=True, timeout=30, check=False)
    if answer.returncode == 0:
        return ""
    return f"bubblewrap does not work here ({answer.stderr.strip() or answer.returncode})"

"""Sandboxes made of Linux namespaces by bubblewrap (bwrap): no daemon, about 20 ms to start."""

import json
import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from .. import cgroups, interpreter, seccomp
from ..cgroups import ControlGroup
from ..errors import BackendUnavailable, SandboxStartError
from ..launcher import Program, launch
from .base import CONNECTION_FILE, FILL, FIXED_ENVIRONMENT, Backend, Sandbox, SandboxSpec
from .bubblewrap_view import namespaces, view
from .local import LocalSandbox, entering, resource_limits
from .users import fresh_user

_KERNEL_PID_INSIDE = 2  # bwrap's init is 1 and starts nothing else


class BubblewrapBackend(Backend):
    """Runs the kernel in namespaces of its own.

    Started as root it leaves out the user namespace, in which root would be exempt from
    limits per user, and becomes a user whom nobody else is. Started by another user it needs
    unprivileged user namespaces.
    """

    name = "bubblewrap"

    def check(self) -> None:
        """See Backend."""
        _probe(os.geteuid() == 0)

    def user(self) -> tuple[int, int] | None:
        """See Backend."""
        return fresh_user()

    def start(self, spec: SandboxSpec) -> Sandbox:
        """See Backend."""
        group = cgroups.create(spec.name, spec.limits) if self.options.use_cgroups else None
        try:
            return self._start(spec, group)
        except BaseException:
            if group is not None:
                group.remove()
            raise

    def _start(self, spec: SandboxSpec, group: ControlGroup | None) -> Sandbox:
        python = interpreter.inspect(self.options.python)
        rules = seccomp.open_filter()
        read, write = os.pipe()
        fds = [write] if rules is None else [write, rules]
        try:
            command = [
                *("bwrap", "--info-fd", str(write)),
                *(() if rules is None else ("--seccomp", str(rules))),
                *namespaces(),
                *view(spec, python, self.options.read_only_binds),
                *("--chdir", "/", "--"),
                *_becoming(spec),
                *resource_limits(spec.limits, group, own_user=True),
                *(str(python.executable_inside), *spec.words(CONNECTION_FILE)),
            ]
            environment = {
                "PATH": f"{python.executable_inside.parent}:/usr/local/bin:/usr/bin:/bin",
                **FIXED_ENVIRONMENT,
                **({"LD_LIBRARY_PATH": python.library_path} if python.library_path else {}),
                **spec.environment,
            }
            process = launch(Program(entering(group, command), environment, pass_fds=fds))
        except OSError as error:
            os.close(read)
            raise SandboxStartError(f"bubblewrap cannot be started: {error}") from error
        finally:
            for fd in fds:
                os.close(fd)
        init = _first_process(process, read)
        return LocalSandbox(
            process, spec.limits, group, kernel=lambda: _kernel(init), init=os.pidfd_open(init)
        )


def _becoming(spec: SandboxSpec) -> list[str]:
    """Return the command that gives up all rights, fills /work, and runs what follows it."""
    fill = ["/bin/sh", "-c", FILL, "sh"]
    if os.geteuid() != 0:
        return fill
    user, group = spec.user
    own = f'chown {user}:{group} /work && exec "$@"'
    drop = ["setpriv", "--reuid", str(user), "--regid", str(group), "--clear-groups"]
    drop += ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--"]
    return ["/bin/sh", "-c", own, "sh", *drop, *fill]


def _first_process(process: subprocess.Popen[bytes], info: int) -> int:
    with os.fdopen(info, encoding="utf-8") as stream:
        text = stream.read()
    if text:
        return int(json.loads(text)["child-pid"])
    process.wait(timeout=10)
    said = process.stderr.read().decode(errors="replace").strip() if process.stderr else ""
    raise SandboxStartError(f"bubblewrap could not build the sandbox: {said or 'no reason given'}")


def _kernel(init: int) -> int | None:
    """Return a pidfd of the kernel in the sandbox whose first process is `init`."""
    try:
        children = Path(f"/proc/{init}/task/{init}/children").read_text("ascii").split()
        for child in children:
            fd = os.pidfd_open(int(child))
            status = Path(f"/proc/{child}/status").read_text("utf-8", "replace")
            inside = next(line for line in status.splitlines() if line.startswith("NSpid:"))
            if int(inside.split()[-1]) == _KERNEL_PID_INSIDE:
                return fd
            os.close(fd)
    except (FileNotFoundError, ProcessLookupError):
        return None  # it ended while we looked
    return None


@lru_cache(maxsize=2)
def _probe(as_root: bool) -> None:
    for program in ("bwrap", "setpriv", "prlimit"):
        if shutil.which(program) is None:
            raise BackendUnavailable(
                f"The program {program} is not installed; on Debian: "
                "apt install bubblewrap util-linux."
            )
    tried = subprocess.run(
        ["bwrap", *namespaces(), "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"],
        capture_output=True,
        check=False,
        timeout=30,
        text=True,
    )
    if tried.returncode != 0:
        rights = "root" if as_root else "this user"
        raise BackendUnavailable(
            f"bubblewrap does not work for {rights} on this machine: {tried.stderr.strip()}"
        )

"""`milepost-up`: check, start the platform, say where it is, and end all of it again."""

import argparse
import signal
import subprocess
import sys
import time
from types import FrameType

from milepost_hub import checks, health, logs, services
from milepost_hub.containers import Containers
from milepost_hub.courses import course_slugs
from milepost_hub.errors import SetupError
from milepost_hub.lock import HomeLock
from milepost_hub.settings import LOOPBACK, Settings
from milepost_hub.supervisor import HubProcess, adopt_orphans, hub_environment
from milepost_hub.tied import LAST_SECONDS, tie_to_parent

READY_SECONDS = 120
MOST_RESTARTS = 3
# A killed platform's services end by themselves, the slowest as late as `tied` allows.
LEFTOVER_SECONDS = LAST_SECONDS + 5
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):  # noqa: N818
    """Somebody asked the launcher to end."""


def main() -> None:
    """Run the platform until Ctrl-C or SIGTERM; exit status 1 and one sentence if it cannot."""
    parser = argparse.ArgumentParser(prog="milepost-up", description=__doc__)
    parser.add_argument(
        "--with-parent", action="store_true", help="end when the program that started this ends"
    )
    if parser.parse_args().with_parent:
        tie_to_parent()
    for sig in SIGNALS:
        # `nohup` has a hang-up ignored, and means it.
        if signal.getsignal(sig) != signal.SIG_IGN:
            signal.signal(sig, _stop)
    try:
        run(Settings.from_env())
    except SetupError as error:
        sys.exit(f"milepost: {error}")
    except Stopped:
        _say("Stopped; nothing is left running.")


def _stop(_signal: int, _frame: FrameType | None) -> None:
    _say("Stopping …")
    raise Stopped


def run(settings: Settings) -> None:
    """Start everything, wait, and leave nothing behind. Raises SetupError and Stopped."""
    for warning in checks.check_all(settings):
        _say(f"Warning: {warning}")
    checks.prepare_home(settings.home)
    lock = HomeLock(settings.home)
    patience = 0 if lock.take(settings.url) else LEFTOVER_SECONDS
    adopt_orphans()
    hub = HubProcess(settings, lock.descriptor)
    containers = Containers(settings) if settings.profile == "docker" else None
    try:
        _prepare(settings, containers, patience)
        _serve(settings, hub)
    finally:
        for sig in SIGNALS:
            signal.signal(sig, signal.SIG_IGN)
        lock.leave(settings.url)
        hub.stop()
        if containers:
            containers.end()


def _prepare(settings: Settings, containers: Containers | None, patience: float) -> None:
    """Make ready what the Hub and its services find when they start."""
    logs.trim(settings.home / "log")
    if containers:
        containers.prepare()
        _say(f"Preparing: {settings.learner_image}")
        containers.prepare_image()
    inner = containers.gateway() if containers else LOOPBACK
    checks.check_ports(settings, inner, patience)
    if said := _milepost(settings, "upgrade"):
        raise SetupError(f"`milepost upgrade` failed: {said}")
    # What was released before stays in place, so one broken course keeps nobody from the others.
    if course_slugs(settings.courses) and (said := _milepost(settings, "course", "build", "--all")):
        _say(f"Warning: not every course could be built: {said}")


def _milepost(settings: Settings, *command: str) -> str:
    """Run Milepost's own command; return its last words where it failed."""
    _say(f"Preparing: milepost {' '.join(command)}")
    log = settings.home / "log" / "prepare.log"
    with log.open("ab") as output:
        done = subprocess.run(
            [services.milepost_command(), *command],
            env=hub_environment(settings), stdout=output, stderr=output, check=False,
        )  # fmt: skip
    return f"{logs.tail(log, 3)}\nSee {log}." if done.returncode else ""


def _serve(settings: Settings, hub: HubProcess) -> None:
    """Keep a Hub running; one that dies is started again, a few times."""
    _start(settings, hub)
    _welcome(settings)
    for _ in range(MOST_RESTARTS):
        _watch(settings, hub)
        _say("The Hub ended unexpectedly; starting it again. Learners' servers go on.")
        _start(settings, hub)
        _say("The Hub is back.")
    _watch(settings, hub)
    raise SetupError(f"The Hub ended {MOST_RESTARTS + 1} times: see {hub.log}.")


def _start(settings: Settings, hub: HubProcess) -> None:
    # The proxy of a Hub that was killed ended with it, and its id may be another's by now.
    (settings.home / "hub" / "proxy.pid").unlink(missing_ok=True)
    hub.start()
    if not health.wait_until_ready(settings, lambda: hub.status() is None, READY_SECONDS):
        raise SetupError(_not_ready(settings))


def _watch(settings: Settings, hub: HubProcess) -> None:
    """Return when the Hub has ended."""
    while hub.status() is None:
        logs.trim(settings.home / "log")
        time.sleep(1)


def _not_ready(settings: Settings) -> str:
    silent = health.unanswered(settings) or [("the Hub", "hub.log")]
    name, log = silent[0]
    file = settings.home / "log" / log
    said = logs.tail(file)
    return f"{name[0].upper()}{name[1:]} did not start. Its last words:\n{said}\nSee {file}."


def _welcome(settings: Settings) -> None:
    _say(f"\nMilepost is ready at {settings.url}")
    if settings.admin_password_file.exists():
        _say(f"  Administrator: {settings.admin}, password in {settings.admin_password_file}")
    _say("  Next: open the address, choose “Create an account” and pick the first project.")
    _say(f"  Logs: {settings.home / 'log'}. Ctrl-C ends everything.")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201

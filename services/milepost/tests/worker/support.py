"""A platform without web: database, blobs, a built course, submissions, and workers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jupyterlab_milepost.archive import pack_files
from milepost.adapters.blobs import FolderBlobs
from milepost.adapters.bus import LocalBus, RedisBus
from milepost.adapters.sql.migrate import upgrade
from milepost.adapters.sql.store import SqlStore
from milepost.domain.attempts import AttemptState
from milepost.domain.events import Event
from milepost.ports.store import AttemptRow
from milepost.usecases.actor import Actor
from milepost.usecases.build_course import build_course
from milepost.usecases.deps import Deps
from milepost.usecases.submit import Accepted, Submission, submit

from services.milepost.tests.grading.support import COURSES, Built

PATIENCE = 60


def now() -> datetime:
    return datetime.now(UTC)


class Site:
    """`home` is a MILEPOST_HOME; workers may run in this process or in processes of their own."""

    def __init__(self, home: Path, url: str, gradebook_url: str, redis_url: str = "") -> None:
        self.home = home
        self.url = url
        self.gradebook_url = gradebook_url
        self.redis_url = redis_url
        upgrade(url)
        self.built = Built(home / "courses", gradebook_url)
        self.deps = Deps(
            store=SqlStore(url),
            bus=RedisBus(redis_url) if redis_url else LocalBus(),
            blobs=FolderBlobs(home / "milepost" / "blobs"),
            now=now,
        )
        build_course(self.deps, self.built.source, self.built.builder)

    def build_anew(self) -> None:
        """Make the course's folders again, which a test has taken away."""
        self.built = Built(self.home / "courses", self.gradebook_url)

    def close(self) -> None:
        self.deps.bus.close()
        self.deps.store.close()

    def submit(
        self,
        files: dict[str, bytes],
        *,
        key: str = "key",
        username: str = "ada",
        project: str = "adding",
    ) -> Accepted:
        actor = Actor(username)
        with self.deps.store.transaction() as tx:
            tx.users.ensure(username, at=now())
        return submit(self.deps, actor, Submission("tiny", project, key, pack_files(files)))

    def submit_slow(self, seconds: float, **kwargs: Any) -> Accepted:
        """Submit a right solution that takes its time."""
        code = self.built.solved()["sums.py"].decode() + f"\n\nimport time\ntime.sleep({seconds})\n"
        return self.submit({**self.built.solved(), "sums.py": code.encode()}, **kwargs)

    def attempt(self, attempt_id: int) -> AttemptRow:
        with self.deps.store.reading() as tx:
            row = tx.attempts.get(attempt_id)
        assert row is not None
        return row

    def events(self, username: str = "ada") -> list[Event]:
        with self.deps.store.reading() as tx:
            return tx.events.after(username, 0)

    def kinds(self, username: str = "ada") -> list[str]:
        return [event.kind.value for event in self.events(username)]

    def counts(self) -> dict[str, int]:
        with self.deps.store.reading() as tx:
            return tx.jobs.counts()

    def wait_for(self, true: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, f"{what} did not happen"
            time.sleep(0.05)

    def wait_graded(self, attempt_id: int) -> AttemptRow:
        ends = {AttemptState.GRADED, AttemptState.DEAD}
        self.wait_for(lambda: self.attempt(attempt_id).state in ends, "the grade")
        return self.attempt(attempt_id)

    def worker(self, **settings: str) -> subprocess.Popen[bytes]:
        """Start `milepost worker` as an operator would."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment = {
            **kept,
            "MILEPOST_HOME": str(self.home),
            "MILEPOST_COURSES": str(COURSES),
            "MILEPOST_BOOK": str(COURSES / "book"),
            "MILEPOST_DATABASE_URL": self.url,
            "MILEPOST_GRADEBOOK_URL": self.gradebook_url,
            "MILEPOST_REDIS_URL": self.redis_url,
            "MILEPOST_LEARNER_PYTHON": sys.executable,
            "MILEPOST_SANDBOX": "bubblewrap",
            "MILEPOST_LEASE_SECONDS": "3",
            **settings,
        }
        program = Path(sys.executable).with_name("milepost")
        return subprocess.Popen([program, "worker"], env=environment, start_new_session=True)


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in found for child in file.read_text().split()]


def descendants(pid: int) -> Iterator[int]:
    try:
        for child in children(pid):
            yield child
            yield from descendants(child)
    except FileNotFoundError:
        return


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except FileNotFoundError:
        return ""


def grading_process(worker: int) -> int | None:
    """Return the process that a worker forked for a grading, which leads a session of its own."""
    for pid in descendants(worker):
        if "forkserver" in command_of(pid) and os.getsid(pid) == pid:
            return pid
    return None


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE)

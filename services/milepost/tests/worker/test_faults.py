"""Processes killed at the worst moment: every accepted submission gets exactly one grade."""

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

from milepost.domain.attempts import AttemptState

from services.milepost.tests.worker.support import (
    Site,
    descendants,
    grading_process,
    kill,
)

Start = Callable[..., Popen[bytes]]


def test_kill_9_of_the_worker_in_mid_grade_loses_nothing(wide_site: Site, start: Start) -> None:
    attempt = wide_site.submit_slow(3).attempt
    first = start()
    wide_site.wait_for(lambda: grading_process(first.pid) is not None, "the grading")
    time.sleep(1)
    processes = list(descendants(first.pid))
    kill(first)
    wide_site.wait_for(lambda: not any(map(_lives, processes)), "the end of its processes")
    assert wide_site.attempt(attempt.id).state is AttemptState.RUNNING
    start()
    row = wide_site.wait_graded(attempt.id)
    assert row.percent == 100
    assert wide_site.kinds().count("attempt.graded") == 1
    assert wide_site.counts() == {"queued": 0, "running": 0, "done": 1, "dead": 0}
    assert sum(wide_site.built.scores("ada").values()) == 5


def test_two_worker_processes_never_grade_one_submission_twice(
    wide_site: Site, start: Start
) -> None:
    names = [f"learner-{number}" for number in range(5)]
    start(), start()
    attempts = [wide_site.submit(wide_site.built.solved(), username=name) for name in names]
    for accepted in attempts:
        assert wide_site.wait_graded(accepted.attempt.id).percent == 100
    assert all(wide_site.kinds(name).count("attempt.graded") == 1 for name in names)


def test_kill_9_of_the_grading_process_is_tried_again(wide_site: Site, start: Start) -> None:
    attempt = wide_site.submit_slow(3).attempt
    worker = start()
    wide_site.wait_for(lambda: grading_process(worker.pid) is not None, "the grading")
    os.kill(grading_process(worker.pid) or 0, signal.SIGKILL)
    assert wide_site.wait_graded(attempt.id).percent == 100
    assert wide_site.kinds().count("attempt.started") == 2
    assert wide_site.kinds().count("attempt.graded") == 1


def test_sigterm_ends_a_worker_and_another_one_grades(wide_site: Site, start: Start) -> None:
    attempt = wide_site.submit_slow(4).attempt
    worker = start()
    wide_site.wait_for(lambda: grading_process(worker.pid) is not None, "the grading")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    wide_site.wait_for(lambda: not session_of(worker.pid), "the end of its processes")
    start()
    assert wide_site.wait_graded(attempt.id).percent == 100
    assert wide_site.kinds().count("attempt.graded") == 1


def test_a_sandbox_that_breaks_after_the_start_is_not_replaced_by_none(
    wide_site: Site, start: Start, tmp_path: Path
) -> None:
    programs, broken, trace = (tmp_path / name for name in ("programs", "broken", "trace"))
    programs.mkdir()
    real = shutil.which("bwrap")
    (programs / "bwrap").write_text(
        f'#!/bin/sh\nif [ -e {broken} ]; then echo used >>{broken}; exit 1; fi\nexec {real} "$@"\n'
    )
    (programs / "bwrap").chmod(0o755)
    path = os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)])
    start(MILEPOST_SANDBOX="auto", MILEPOST_TRIES="1", PATH=path)
    before = wide_site.submit(wide_site.built.solved(), key="before").attempt
    assert wide_site.wait_graded(before.id).percent == 100
    broken.touch()
    escape = (
        "from contextlib import suppress\nfrom pathlib import Path\n"
        f"with suppress(OSError):\n    Path({str(trace)!r}).touch()\n"
    )
    code = escape.encode() + wide_site.built.solved()["sums.py"]
    attempt = wide_site.submit({**wide_site.built.solved(), "sums.py": code}, key="after").attempt
    wide_site.wait_for(lambda: broken.read_text().count("used") > 1, "a second try")
    broken.unlink()
    # However often there was no sandbox, no try was used up.
    assert wide_site.wait_graded(attempt.id).percent == 100
    assert not trace.exists()


def test_a_grading_that_was_stopped_and_goes_on_late_overwrites_nothing(
    wide_site: Site, start: Start
) -> None:
    starter = {**wide_site.built.released(), "sums.py": b"import time\ntime.sleep(4)\n"}
    old = wide_site.submit(starter, key="old").attempt
    worker = start()
    wide_site.wait_for(lambda: grading_process(worker.pid) is not None, "the grading")
    grading = grading_process(worker.pid) or 0
    time.sleep(2)
    for pid in (worker.pid, grading):
        os.kill(pid, signal.SIGSTOP)
    start()
    new = wide_site.submit(wide_site.built.solved(), key="new").attempt
    assert wide_site.wait_graded(new.id).percent == 100
    assert wide_site.attempt(old.id).percent == 0
    os.kill(grading, signal.SIGCONT)
    wide_site.wait_for(lambda: not _lives(grading), "the end of the late grading")
    assert sum(wide_site.built.scores("ada").values()) == 5
    submitted = wide_site.built.root.submitted / "ada" / "adding" / "sums.py"
    assert submitted.read_bytes() == wide_site.built.solved()["sums.py"]
    os.kill(worker.pid, signal.SIGCONT)


def session_of(leader: int) -> list[int]:
    """Return the processes of the session that `leader` leads or led."""
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if _in(pid, leader)]


def _in(pid: int, session: int) -> bool:
    try:
        return os.getsid(pid) == session
    except ProcessLookupError:
        return False


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state not in "ZX"

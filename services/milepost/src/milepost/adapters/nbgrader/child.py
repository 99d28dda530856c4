"""What runs in a grading process: one attempt, and then the process ends.

This module is imported once by the server that such processes are forked from, and with it
everything that grading needs: importing nbgrader takes seconds, forking milliseconds.
"""

import ctypes
import logging
import os
import resource
import signal
import sys
import traceback
import warnings
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import FrameType

from kernel_sandbox.limits import parse_bytes
from nbformat.validator import get_validator
from sqlalchemy.exc import SAWarning
from sqlalchemy.orm import configure_mappers

from milepost.adapters.nbgrader.grading import Job, grade
from milepost.adapters.notebook_file import FORMAT
from milepost.domain.attempts import Outcome
from milepost.ports.judge import JudgeError, JudgeUnavailableError

_PR_SET_PDEATHSIG = 1
_ADDRESS_SPACE = 4 * 1024**3
"""Bytes that a grading process may map, on top of what its sandbox may use."""


# What each process would otherwise work out anew: mappings, and the notebook format's schema.
configure_mappers()
get_validator(FORMAT, 5)  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Failure:
    """Why there is no outcome."""

    reason: str
    unavailable: bool = False
    """Whether nothing can be graded at present."""


def main(connection: Connection, job: Job) -> None:
    """Grade, and send an Outcome or a Failure to whoever holds the other end."""
    os.setsid()  # so that whoever ends us reaches everything we started
    _die_with_parent()
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # nbgrader's queries are written for an older SQLAlchemy.
    warnings.simplefilter("ignore", SAWarning)
    logging.getLogger("milepost.nbgrader").propagate = False
    result = _graded(job)
    with suppress(BrokenPipeError):  # whoever asked has gone
        connection.send(result)
    connection.close()


def _graded(job: Job) -> Outcome | Failure:
    try:
        _limit_memory(job)
        return grade(job)
    except JudgeError as error:
        return Failure(str(error), isinstance(error, JudgeUnavailableError))
    except Exception:  # noqa: BLE001 - it crosses to the parent, which raises it
        return Failure(traceback.format_exc())


def _leave(signum: int, frame: FrameType | None) -> None:
    """End by an exception, so that the sandbox is ended on the way out."""
    del signum, frame
    sys.exit(1)


def _limit_memory(job: Job) -> None:
    """Let what we read of a learner's take this process's memory at most, not the machine's.

    The soft limit only, which the sandbox's processes inherit: it has limits of its own, which
    may be above this one.
    """
    most = _ADDRESS_SPACE + parse_bytes(job.sandbox.memory)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _die_with_parent() -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")

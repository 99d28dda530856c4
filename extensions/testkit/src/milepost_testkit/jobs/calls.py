"""Calling a function of the learner, and telling what became of the call as plain data."""

import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from milepost_testkit.plain import NotPlainError, plain
from milepost_testkit.tracing import described_error

from .channel import Channel
from .loading import MissingError, load


class OutOfTimeError(BaseException):
    """Raised inside the learner's function when its time is up, to show where it was."""


def call(question: dict[str, Any], channel: Channel, root: Path) -> None:
    """Job: answer with the outcome of `target`(*args, **kwargs), or of reading `target`."""
    try:
        found = load(question["target"], root)
    except MissingError as error:
        channel.send({"outcome": "missing", "message": str(error)})
        return
    channel.send(outcome(found, question, root))


def outcome(found: object, question: dict[str, Any], root: Path) -> dict[str, Any]:
    """Call `found` (with `read`: take it as it is) and describe what became of it.

    The answer's `outcome` is returned (`value`), raised (`error`), timed_out (`error`),
    not_plain (`kind`, `where`) or missing (`message`).
    """
    if question.get("read"):
        return _described(found)
    if not callable(found):
        return {"outcome": "missing", "message": f"`{question['target']}` is not a function."}
    try:
        with TimeLimit(question["seconds"]):
            value = found(*question["args"], **question["kwargs"])
    except OutOfTimeError as error:
        return {"outcome": "timed_out", "error": described_error(error, root)}
    except BaseException as error:  # noqa: BLE001 - whatever a learner raises is an answer
        return {"outcome": "raised", "error": described_error(error, root)}
    return _described(value)


def _described(value: object) -> dict[str, Any]:
    try:
        return {"outcome": "returned", "value": plain(value)}
    except NotPlainError as error:
        return {"outcome": "not_plain", "kind": error.kind, "where": error.where}


class TimeLimit:
    """Raises OutOfTimeError in the main thread once `seconds` have passed."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._before: Callable[[int, FrameType | None], Any] | int | None = None

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGALRM, self._stop)
        signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        raise OutOfTimeError(f"still running after {self._seconds:g} seconds")

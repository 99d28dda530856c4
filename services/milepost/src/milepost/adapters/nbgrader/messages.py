"""What a learner reads when a check did not pass."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from nbformat import NotebookNode

from milepost.adapters.nbgrader.kernel import End
from milepost.adapters.nbgrader.listening import FLOOD_BYTES

LONGEST = 2000
"""Characters of one message."""
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_PLACE = re.compile(r"File (\S+?):(\d{1,6})\b")
# The testkit's last line, for readers in a notebook; pages have a link in its place.
_READING = re.compile(r"\n\s*Read: +\S+ in the concept book\s*\Z")
_ARROW = re.compile(r"^-+> ?\d+ (.*)$", re.MULTILINE)
# Their message was written for the learner; the name of the exception adds nothing to it.
_CHECKS = {"AssertionError", "CheckFailed"}


@dataclass(frozen=True)
class Budget:
    """What a learner's code may use, as said in messages."""

    cell_seconds: float
    notebook_seconds: float
    memory: str


def plain(text: str) -> str:
    """Return text without colours and control characters, no longer than a message may be."""
    text = _CONTROL.sub("", _ANSI.sub("", text)).strip()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def why_ended(end: End, cell: str, budget: Budget) -> str:
    """Say why the kernel is no more."""
    messages = {
        End.TIMED_OUT: f"Your code ran for more than {budget.cell_seconds:g} s in {cell} (or all "
        f"cells for more than {budget.notebook_seconds:g} s), so it was stopped. Look for a loop "
        "that never ends, or for something that waits.",
        End.OUT_OF_MEMORY: f"Your code used more than the {budget.memory} of memory that it may, "
        f"in {cell}, so it was stopped. Look for a list or a text that grows without end.",
        End.CRASHED: f"Your code ended the Python process in {cell}. Look for exit(), "
        "os._exit() or endless recursion.",
        End.FLOODED: f"Your code printed more than {FLOOD_BYTES // 2**20} MiB in {cell}, so it was "
        "stopped. Look for a print inside a loop.",
    }
    return messages[end]


def why_failed(error: NotebookNode, files: Mapping[str, str]) -> str:
    """Say what a visible check, or a learner's cell, stopped with.

    `files` are the texts of the learner's files by name: the line where it happened is shown.
    """
    value = plain(error.evalue)
    if error.ename in _CHECKS:
        return _READING.sub("", value) or _bare_assertion(error)
    said = f"{error.ename}: {value}" if value else str(error.ename)
    return plain(said + _line_in(error, files))


def why_hidden_failed(hints: tuple[str, ...]) -> str:
    """Say that a hidden check failed, giving away neither its source nor its values."""
    hint = f"\nA hint for this step: {hints[0]}" if hints else ""
    return plain(
        "A hidden check did not pass: it tries other cases than the check that you can see." + hint
    )


def _bare_assertion(error: NotebookNode) -> str:
    lines = _ARROW.findall(plain_traceback(error))
    return plain(f"This did not hold: {lines[0].strip()}") if lines else "The check did not hold."


def _line_in(error: NotebookNode, files: Mapping[str, str]) -> str:
    """Return the last line of a learner's own file that the traceback names."""
    for path, number in reversed(_PLACE.findall(plain_traceback(error))):
        for name, text in files.items():
            if path == name or path.endswith(f"/{name}"):
                lines = text.splitlines()
                line = lines[int(number) - 1].strip() if 0 < int(number) <= len(lines) else ""
                return f"\n{name}, line {number}: {line}"
    return ""


def plain_traceback(error: NotebookNode) -> str:
    """Return the traceback without colours."""
    return _ANSI.sub("", "\n".join(error.traceback))

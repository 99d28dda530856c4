"""What a learner reads when a check fails."""

from typing import NoReturn

INDENT = " " * 11


class CheckFailed(AssertionError):  # noqa: N818 - the name that learners read
    """A check did not hold; the message says what was sent, expected and what came back.

    A notebook shows the message alone: the traceback would only hold the test's own lines.
    """

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows in place of a traceback."""
        return f"{type(self).__name__}: {self}".splitlines()


class Reporter:
    """Writes the messages of failed checks; `topic` is the paragraph of the book that helps."""

    def __init__(self) -> None:
        self.topic = ""

    def fail(self, *parts: str) -> NoReturn:
        """Raise CheckFailed with the parts that are not empty, one below the other."""
        parts = (*parts, section("Read", f"{self.topic} in the concept book") if self.topic else "")
        raise CheckFailed("\n".join(part for part in parts if part))


def section(label: str, text: str) -> str:
    """Write `text` behind a label of the message, further lines aligned below the first."""
    first, *rest = text.splitlines() or [""]
    return "\n".join([f"{label + ':':<11}{first}", *(f"{INDENT}{line}" for line in rest)])


def headline(why: str) -> str:
    """Write the reason of a check as the message's first line, with a gap below it."""
    return f"{why}\n" if why else ""


def printed(text: str) -> str:
    """Tell what the learner's program printed, if anything."""
    return section("Printed", "\n".join(text.strip().splitlines()[-8:])) if text.strip() else ""

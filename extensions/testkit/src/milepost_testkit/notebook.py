"""Functions and values that the learner defined in the notebook itself."""

from pathlib import Path
from typing import Any

from .jobs.calls import outcome
from .transport import Message


def namespace() -> dict[str, Any]:
    """Return the running notebook's names; empty outside of IPython."""
    from IPython.core.getipython import get_ipython  # noqa: PLC0415 - no dependency of ours

    shell = get_ipython()
    return {} if shell is None else shell.user_ns


def call_here(question: Message, root: Path) -> Message:
    """Call, or read, what the notebook defines under the name `target`."""
    name = question["target"]
    names = namespace()
    if name not in names:
        message = f"The notebook defines no `{name}`. Has its cell been run?"
        return {"outcome": "missing", "message": message}
    return outcome(names[name], question, root)

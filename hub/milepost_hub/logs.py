"""Logs that never grow beyond a size, and hold nothing to sign in with."""

import logging
import os
import shutil
from pathlib import Path

LARGEST_BYTES = 10 * 1024 * 1024


def trim(folder: Path, largest: int = LARGEST_BYTES) -> None:
    """Keep of each log above the size one older copy, and go on with an empty one.

    The writers have their file open for appending, so it is emptied rather than replaced.
    """
    for log in folder.glob("*.log"):
        if log.stat().st_size > largest:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            os.truncate(log, 0)


def tail(log: Path, lines: int = 5) -> str:
    """Return the last lines of a log; empty if there is none."""
    if not log.exists():
        return ""
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - 8000))
        text = stream.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:])


def without_session_ids(record: logging.LogRecord) -> bool:
    """Whether a line may be logged: JupyterHub 6 tells session ids when it makes an XSRF cookie."""
    return not str(record.msg).startswith("Setting new xsrf cookie")


def keep_session_ids_out() -> None:
    """Have `without_session_ids` decide on what JupyterHub logs through tornado."""
    logging.getLogger("tornado.application").addFilter(without_session_ids)

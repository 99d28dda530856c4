"""A learner's traceback, cut down to the lines of the learner's own files."""

import traceback
from pathlib import Path

MAX_FRAMES = 4
MAX_MESSAGE_LINES = 8


def described_error(error: BaseException, root: Path) -> dict[str, object]:
    """Return an exception as plain data.

    `type` is its class's name, `bases` the names of the class and all its bases, `message` its
    text, `trace` the lines to show: where in the files below `root` it passed, and its last line.
    """
    return {
        "type": type(error).__name__,
        "bases": [base.__name__ for base in type(error).__mro__],
        "message": str(error)[:2000],
        "trace": "\n".join(_trace(error, root)),
    }


def _trace(error: BaseException, root: Path) -> list[str]:
    lines: list[str] = []
    for frame in _own_frames(error, root):
        lines.append(f"{_name(frame.filename, root)}, line {frame.lineno}, in {frame.name}")
        if frame.line:
            lines.append(f"    {frame.line}")
    if isinstance(error, SyntaxError) and error.filename:
        lines.append(f"{_name(error.filename, root)}, line {error.lineno}")
        lines.append(f"    {(error.text or '').strip()}")
        return [*lines, f"{type(error).__name__}: {error.msg}"]
    message = "".join(traceback.format_exception_only(error)).strip().splitlines()
    return lines + message[:MAX_MESSAGE_LINES]


def _own_frames(error: BaseException, root: Path) -> list[traceback.FrameSummary]:
    frames = traceback.extract_tb(error.__traceback__)
    return [frame for frame in frames if _is_own(frame.filename, root)][-MAX_FRAMES:]


def _is_own(filename: str, root: Path) -> bool:
    return Path(filename).is_relative_to(root) and "site-packages" not in filename


def _name(filename: str, root: Path) -> str:
    path = Path(filename)
    return str(path.relative_to(root)) if path.is_relative_to(root) else path.name

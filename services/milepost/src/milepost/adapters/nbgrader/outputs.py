"""What a cell prints, kept within limits while it arrives, so that memory stays flat."""

from collections import deque
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output as _new_output

KEPT_HEAD = 64 * 1024
"""Characters of a cell's output that are kept from its beginning."""
KEPT_TAIL = 16 * 1024
"""Characters of its streams that are kept from the end, where there are more."""
_TRACEBACK_LINES = 100
_MESSAGE = 8 * 1024
# What a notebook shows; all of it text, so that nothing deeply nested gets into the file.
_MIME_TYPES = frozenset(
    {"text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/svg+xml"}
)


class CellOutputs:
    """Collects the outputs of one cell from the messages of a kernel that is not trusted."""

    def __init__(self) -> None:
        self._outputs: list[NotebookNode] = []
        self._room = KEPT_HEAD
        self._tail: deque[str] = deque()
        self._tail_size = 0
        self._dropped = 0

    def take(self, kind: str, content: dict[str, Any]) -> None:
        """Add the output that a message of this kind holds. Raises on a malformed message."""
        if kind == "stream":
            name = "stderr" if content["name"] == "stderr" else "stdout"
            self._stream(name, _text(content["text"]))
        elif kind in {"display_data", "execute_result"}:
            self._display(kind, content["data"])
        elif kind == "error":
            self._outputs.append(error_output(**_error(content)))

    def finished(self) -> list[NotebookNode]:
        """Return what is kept, in order."""
        if not self._dropped:
            return self._outputs
        note = f"\n… {self._dropped:,} characters of output are left out here …\n"
        rest = new_output("stream", name="stdout", text=note + "".join(self._tail)[-KEPT_TAIL:])
        return [*self._outputs, rest]

    def _stream(self, name: str, text: str) -> None:
        head, tail = text[: self._room], text[self._room :]
        if head:
            self._room -= len(head)
            last = self._outputs[-1] if self._outputs else None
            if last is not None and last.output_type == "stream" and last.name == name:
                last.text += head
            else:
                self._outputs.append(new_output("stream", name=name, text=head))
        if tail:
            self._dropped += len(tail)
            self._tail.append(tail[-KEPT_TAIL:])
            self._tail_size += len(self._tail[-1])
            while self._tail_size - len(self._tail[0]) >= KEPT_TAIL:
                self._tail_size -= len(self._tail.popleft())

    def _display(self, kind: str, data: dict[str, Any]) -> None:
        if not all(isinstance(data[mime], str) for mime in _MIME_TYPES & data.keys()):
            raise TypeError("display data must be text")
        shown = {mime: _text(text) for mime, text in data.items() if mime in _MIME_TYPES}
        size = sum(len(text) for text in shown.values())
        if size > self._room:
            self._dropped += size
            return
        self._room -= size
        extra = {"execution_count": None} if kind == "execute_result" else {}
        self._outputs.append(new_output(kind, data=shown, **extra))


def error_output(ename: str, evalue: str, traceback: list[str] | None = None) -> NotebookNode:
    """Return an error as a notebook keeps it; nbgrader scores a cell that has one 0."""
    return new_output(
        "error", ename=ename, evalue=evalue, traceback=traceback or [f"{ename}: {evalue}"]
    )


def new_output(kind: str, **fields: object) -> NotebookNode:
    """Return an output as format 4 keeps it."""
    output: NotebookNode = _new_output(kind, **fields)  # type: ignore[no-untyped-call]
    return output


def _text(text: str) -> str:
    """Return text that a file can hold: a kernel may send halves of characters."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _error(content: dict[str, Any]) -> dict[str, Any]:
    lines = content["traceback"]
    if len(lines) > _TRACEBACK_LINES:
        half = _TRACEBACK_LINES // 2
        lines = [*lines[:half], "… lines left out …", *lines[-half:]]
    return {
        "ename": _text(str(content["ename"])[:200]),
        "evalue": _text(str(content["evalue"])[:_MESSAGE]),
        "traceback": [_text(str(line)[:_MESSAGE]) for line in lines],
    }

"""Notebooks read strictly: what nbformat's own reader would mend or guess is refused here."""

import json
import warnings

import nbformat
from nbformat import NotebookNode, ValidationError
from nbformat.v4.nbjson import JSONReader, JSONWriter

FORMAT = 4
LARGEST = 8 * 1024 * 1024
"""Bytes of a notebook that is read; in memory it takes some fifty times as many."""
MOST_CELLS = 2000
DEEPEST = 64
"""How far metadata may be nested: what validates at a great depth fails later, elsewhere."""


class BadNotebookError(Exception):
    """These bytes are not a notebook of format 4; the message says why, for people."""


def parse_notebook(data: bytes) -> NotebookNode:
    """Return a valid notebook of format 4, or raise BadNotebookError."""
    if len(data) > LARGEST:
        raise BadNotebookError(
            f"it is larger than {LARGEST // 2**20} MiB, most likely by its outputs: clear them"
        )
    try:
        raw = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadNotebookError(f"it is not JSON text ({_first_line(error)})") from error
    try:
        _check_depth(raw)
        # An escaped half of a character is valid JSON, and yet no text that a file can hold.
        json.dumps(raw, ensure_ascii=False).encode("utf-8")
    except ValueError as error:
        raise BadNotebookError(f"it holds what no file can keep ({_first_line(error)})") from error
    version = raw.get("nbformat") if isinstance(raw, dict) else None
    if version != FORMAT:
        raise BadNotebookError(f"its format is {version!r}, not {FORMAT}")
    cells = raw.get("cells")
    if isinstance(cells, list) and len(cells) > MOST_CELLS:
        raise BadNotebookError(f"it has {len(cells)} cells, and may have {MOST_CELLS}")
    try:
        with warnings.catch_warnings():
            # It mends cell ids as it validates, and says so.
            warnings.simplefilter("ignore")
            nbformat.validate(raw)
        # Joins the lines of sources and outputs, which format 4 may keep as lists.
        notebook: NotebookNode = JSONReader().to_notebook(raw)  # type: ignore[no-untyped-call]
    except (ValidationError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise BadNotebookError(f"its structure is damaged ({_first_line(error)})") from error
    return notebook


def to_bytes(notebook: NotebookNode) -> bytes:
    """Return the notebook as it is kept in a file."""
    text: str = JSONWriter().writes(notebook)  # type: ignore[no-untyped-call]
    return text.encode()


def grading(cell: NotebookNode) -> dict[str, object]:
    """Return what nbgrader says of a cell; empty for an ordinary one."""
    meta = cell.metadata.get("nbgrader")
    return meta if isinstance(meta, dict) else {}


def grade_id(cell: NotebookNode) -> str | None:
    """Return the cell's nbgrader id, if it has one."""
    found = grading(cell).get("grade_id")
    return found if isinstance(found, str) and found else None


def is_graded(cell: NotebookNode) -> bool:
    """Whether the cell carries points."""
    return grading(cell).get("grade") is True


def _check_depth(value: object, depth: int = 0) -> None:
    if depth > DEEPEST:
        raise ValueError(f"it is nested more than {DEEPEST} deep")
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            _check_depth(part, depth + 1)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]

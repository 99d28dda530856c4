"""The instructor's cells put back into a submitted notebook before nbgrader looks at it.

nbgrader restores the *text* of a changed test cell, but it stops on cells whose marks were
tampered with, and drops those that are missing. Here every cell of the source that is graded or
locked comes back exactly once, with all of its marks, in its place; what claims to be one and is
not becomes an ordinary cell.
"""

import copy
import secrets
from dataclasses import dataclass

from nbformat import NotebookNode

from milepost.adapters.notebook_file import grade_id, grading, is_graded

_MARKS = {"grade", "solution", "locked", "task", "points"}


@dataclass(frozen=True)
class Restored:
    """A notebook with every cell of the instructor's, and what had been done to them."""

    notebook: NotebookNode
    flags: tuple[str, ...]


def restore(submitted: NotebookNode, source: NotebookNode, released: NotebookNode) -> Restored:
    """Return the submitted notebook mended; none of the three is changed.

    `source` holds hidden tests, `released` is what the learner was given.
    """
    originals = {str(grade_id(cell)): cell for cell in source.cells if grade_id(cell)}
    given = {str(grade_id(cell)): cell for cell in released.cells if grade_id(cell)}
    notebook = copy.deepcopy(submitted)
    notebook.metadata = copy.deepcopy(source.metadata)
    flags: list[str] = []
    kept: dict[str, NotebookNode] = {}
    # From the end, as nbgrader does: of two cells with one id the last one counts.
    for cell in reversed(notebook.cells):
        name = grade_id(cell)
        if name is not None and name in originals and name not in kept:
            if _is_fixed(originals[name]) and not _is_as_given(cell, given.get(name)):
                flags.append(f"the cell {name!r} was changed")
            kept[name] = cell
            _become(cell, originals[name])
        elif "nbgrader" in cell.metadata:
            del cell.metadata["nbgrader"]
            if name is not None:
                flags.append(
                    f"a copy of the cell {name!r}" if name in kept else f"unknown {name!r}"
                )
    flags += _put_back(notebook, source, kept)
    _give_ids(notebook)
    return Restored(notebook, tuple(sorted(flags)))


def _is_fixed(original: NotebookNode) -> bool:
    marks = grading(original)
    return is_graded(original) or (bool(marks.get("locked")) and not marks.get("solution"))


def _is_as_given(cell: NotebookNode, given: NotebookNode | None) -> bool:
    if given is None or cell.source != given.source or cell.cell_type != given.cell_type:
        return False
    marks = grading(cell)
    return all(marks.get(key) == value for key, value in grading(given).items() if key in _MARKS)


def _become(cell: NotebookNode, original: NotebookNode) -> None:
    """Give a cell the kind and all marks of the original, and its text unless it is a solution."""
    keep = cell.source
    for key in list(cell):
        if key != "id":
            del cell[key]
    for key, value in copy.deepcopy(original).items():
        if key != "id":
            cell[key] = value
    if not _is_fixed(original) or grading(original).get("solution"):
        cell.source = keep
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None


def _put_back(
    notebook: NotebookNode, source: NotebookNode, kept: dict[str, NotebookNode]
) -> list[str]:
    """Insert the fixed cells that are missing, each after the one before it in the source."""
    flags = []
    before: NotebookNode | None = None
    for original in source.cells:
        name = grade_id(original)
        if name is None:
            continue
        cell = kept.get(name)
        if cell is None:
            if not _is_fixed(original):
                continue
            cell = copy.deepcopy(original)
            # Identity, not equality: two cells of a learner's may well be equal.
            place = next((i + 1 for i, one in enumerate(notebook.cells) if one is before), 0)
            notebook.cells.insert(place, cell)
            flags.append(f"the cell {name!r} was missing")
        before = cell
    return flags


def _give_ids(notebook: NotebookNode) -> None:
    """See that every cell has an id of its own, as format 4.5 demands."""
    notebook.nbformat_minor = 5
    seen: set[str] = set()
    for cell in notebook.cells:
        if cell.get("id") is None or cell.id in seen:
            cell.id = secrets.token_hex(4)
        seen.add(cell.id)

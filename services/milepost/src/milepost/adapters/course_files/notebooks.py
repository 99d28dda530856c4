"""What is checked of a project's notebook before it may be released."""

import json
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from milepost.adapters.course_files.schema import HIDDEN, ProjectFile, StepFile
from milepost.adapters.notebook_file import (
    BadNotebookError,
    grade_id,
    grading,
    is_graded,
    parse_notebook,
)
from milepost.ports.courses import Problem

BEGIN_HIDDEN = "BEGIN HIDDEN TESTS"
END_HIDDEN = "END HIDDEN TESTS"
Found = Iterator[tuple[str, str]]


def check_notebook(path: Path, name: str, project: ProjectFile) -> list[Problem]:
    """Return everything that is wrong with a source notebook; `name` is what messages call it."""
    try:
        data = path.read_bytes()
        notebook = parse_notebook(data)
    except (OSError, BadNotebookError) as error:
        return [Problem(name, "", f"cannot be read: {error}.")]
    found = [
        *_ids(notebook, json.loads(data)["cells"]),
        *_kinds(notebook),
        *_hidden_regions(notebook),
        *_steps(notebook, project),
    ]
    return [Problem(name, where, reason) for where, reason in found]


def _label(index: int, cell: NotebookNode) -> str:
    found = grade_id(cell)
    return f"cell {found!r}" if found else f"cell number {index + 1}"


def _ids(notebook: NotebookNode, raw: list[dict[str, object]]) -> Found:
    """Check ids; nbformat gives cells new ones as it reads, so they are taken from the file."""
    cell_ids = Counter(cell.get("id") for cell in raw)
    for index, cell in enumerate(raw):
        label = _label(index, notebook.cells[index])
        if cell.get("id") is None:
            yield label, "has no id; save the notebook in format 4.5."
        elif cell_ids[cell["id"]] > 1:
            yield label, f"shares its id {cell['id']!r} with another cell."
    grade_ids = Counter(found for found in map(grade_id, notebook.cells) if found)
    for found, count in grade_ids.items():
        if count > 1:
            yield f"cell {found!r}", f"{count} cells have this grade_id; each needs its own."


def _kinds(notebook: NotebookNode) -> Found:
    for index, cell in enumerate(notebook.cells):
        if not is_graded(cell):
            continue
        if cell.cell_type != "code":
            yield _label(index, cell), "is graded, and so must be a code cell."
        if grading(cell).get("solution") or not grading(cell).get("locked"):
            yield _label(index, cell), "must be an autograder test: locked, graded, no solution."
        if not cell.source.strip():
            yield _label(index, cell), "is graded but empty; nbgrader would give it full marks."


def _hidden_regions(notebook: NotebookNode) -> Found:
    for index, cell in enumerate(notebook.cells):
        opened = False
        for line in cell.source.splitlines():
            if BEGIN_HIDDEN in line:
                if opened:
                    yield _label(index, cell), f"has a second ### {BEGIN_HIDDEN} before the end."
                opened = True
            elif END_HIDDEN in line:
                if not opened:
                    yield _label(index, cell), f"has ### {END_HIDDEN} without a beginning."
                opened = False
        if opened:
            yield _label(index, cell), f"has ### {BEGIN_HIDDEN} without an end."


def _steps(notebook: NotebookNode, project: ProjectFile) -> Found:
    cells = {str(grade_id(cell)): cell for cell in notebook.cells if is_graded(cell)}
    known = {step.id for step in project.steps}
    for found in cells:
        if found.removesuffix(HIDDEN) not in known:
            yield f"cell {found!r}", "is graded, but project.yml has no step of this id."
    for step in project.steps:
        yield from _step(step, cells)


def _step(step: StepFile, cells: dict[str, NotebookNode]) -> Found:
    visible, hidden = cells.get(step.id), cells.get(step.id + HIDDEN)
    if visible is None:
        yield f"cell {step.id!r}", "is missing: every step has a graded cell of its id."
        return
    if BEGIN_HIDDEN in visible.source:
        yield f"cell {step.id!r}", f"is the visible check; hidden lines go into {step.id}{HIDDEN}."
    if hidden is not None and BEGIN_HIDDEN not in hidden.source:
        yield f"cell {step.id + HIDDEN!r}", f"has no ### {BEGIN_HIDDEN}, so everybody would see it."
    points = sum(_points(cell) for cell in (visible, hidden) if cell)
    if not math.isclose(points, step.points):
        yield f"cell {step.id!r}", f"and {HIDDEN} give {points:g} points; the step {step.points:g}."


def _points(cell: NotebookNode) -> float:
    points = grading(cell).get("points", 0)
    return float(points) if isinstance(points, int | float) else math.nan

"""nbgrader's Execute, with every cell run in a sandbox and proof demanded of the graded ones."""

import asyncio
import math
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kernel_sandbox import BackendUnavailable, SandboxStartError
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute
from traitlets import Float, Unicode

from milepost.adapters.nbgrader.kernel import CellRun, End, SandboxKernel
from milepost.adapters.nbgrader.outputs import error_output
from milepost.adapters.notebook_file import grade_id, grading, is_graded


class UnprovenError(Exception):
    """A graded cell neither failed nor proved that it ran: ours, and no score may be written."""


@dataclass
class Execution:
    """What running a notebook came to."""

    fatal: End | None = None
    """How the kernel was lost, if it was, and in which cell."""
    fatal_cell: str = ""
    errors: dict[str, NotebookNode] = field(default_factory=dict)
    """The error of each graded cell that has one, by grade id."""
    learner_error: NotebookNode | None = None
    """The first error outside of graded cells."""


class SandboxExecute(Execute):  # type: ignore[misc]
    """Takes the place of nbgrader's Execute in `c.Autograde.autograde_preprocessors`.

    A cell that does not end, kills the kernel, takes all memory or floods the output ends the
    run: the graded cells after it get an error that says so.
    """

    kernel_name = Unicode("python3-sandbox", help="The kernel spec to run notebooks in.").tag(
        config=True
    )
    cell_seconds = Float(20, help="How long one cell may run.").tag(config=True)
    notebook_seconds = Float(120, help="How long all cells together may run.").tag(config=True)

    learner_notebook: bytes | None = None
    """What the kernel finds in place of the notebook; nothing, where this is None."""
    execution: Execution
    while_running: Callable[[], AbstractContextManager[None]] = nullcontext
    """What is entered while cells run, and left before their grades are written."""
    unavailable: Exception | None = None
    """Why no sandbox could be had; nbgrader keeps the exception itself to its log."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any], km: object = None
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run all cells. Raises UnprovenError, and what kernel_sandbox raises at a start."""
        del km  # a sandbox is used by one notebook
        self._check_structure(nb, resources["nbgrader"])
        self.execution = Execution()
        with tempfile.TemporaryDirectory(prefix="milepost-run-") as name:
            folder = Path(name) / "work"
            # The notebook that lies there holds the hidden tests by now.
            ignore = shutil.ignore_patterns("*.ipynb")
            shutil.copytree(resources["metadata"]["path"], folder, ignore=ignore)
            if self.learner_notebook is not None:
                notebook = folder / f"{resources['nbgrader']['notebook']}.ipynb"
                notebook.write_bytes(self.learner_notebook)
            try:
                with self.while_running():
                    asyncio.run(self._run(nb, folder))
            except (BackendUnavailable, SandboxStartError) as error:
                self.unavailable = error
                raise
        return nb, resources

    def _check_structure(self, nb: NotebookNode, names: dict[str, str]) -> None:
        with Gradebook(names["db_url"]) as gradebook:
            source = gradebook.find_notebook(names["notebook"], names["assignment"])
            expected = sorted(cell.name for cell in source.grade_cells)
        present = sorted(str(grade_id(cell)) for cell in nb.cells if is_graded(cell))
        if present != expected:
            raise UnprovenError(f"Graded cells should be {expected}, and are {present}.")

    async def _run(self, nb: NotebookNode, folder: Path) -> None:
        async with SandboxKernel(self.config, folder, self.kernel_name) as kernel:
            deadline = time.monotonic() + self.notebook_seconds
            for index, cell in enumerate(nb.cells):
                if cell.cell_type != "code":
                    continue
                cell.outputs, cell.execution_count = [], None
                if self.execution.fatal is None and cell.source.strip():
                    await self._run_cell(kernel, index, cell, deadline)
                elif is_graded(cell):
                    self._refuse(cell)

    async def _run_cell(
        self, kernel: SandboxKernel, index: int, cell: NotebookNode, deadline: float
    ) -> None:
        graded = is_graded(cell)
        left = deadline - time.monotonic()
        run = await kernel.run(
            cell.source,
            seconds=max(0.0, min(self.cell_seconds, left)),
            nonce=secrets.token_hex(16),
            history=not graded,
        )
        cell.outputs = run.outputs
        if run.end not in {End.DONE, End.RAISED}:
            self.execution.fatal = run.end
            self.execution.fatal_cell = _label(index, cell)
            if graded:
                self._refuse(cell)
        elif graded:
            self._judge(cell, run)
        elif run.end is End.RAISED and self.execution.learner_error is None:
            self.execution.learner_error = _error_of(cell)

    def _judge(self, cell: NotebookNode, run: CellRun) -> None:
        error = _error_of(cell)
        if error is not None:
            self.execution.errors[str(grade_id(cell))] = error
            # nbgrader takes the first output that says something, also a number before an error.
            shown = [one for one in cell.outputs if one.output_type in {"stream", "display_data"}]
            cell.outputs = [error, *shown]
        elif run.end is End.DONE and run.proven:
            cell.outputs = list(map(_harmless(cell), cell.outputs))
        else:
            raise UnprovenError(f"The kernel did not prove that {grade_id(cell)!r} ran.")

    def _refuse(self, cell: NotebookNode) -> None:
        fatal = self.execution.fatal or End.CRASHED
        error = error_output(fatal.value, f"This check could not run: {self.execution.fatal_cell}.")
        cell.outputs = [error]
        self.execution.errors[str(grade_id(cell))] = error


def _label(index: int, cell: NotebookNode) -> str:
    found = grade_id(cell)
    return f'the cell "{found}"' if found else f"cell number {index + 1}"


def _error_of(cell: NotebookNode) -> NotebookNode | None:
    found = [output for output in cell.outputs if output.output_type == "error"]
    return found[0] if found else None


def _harmless(cell: NotebookNode) -> Callable[[NotebookNode], NotebookNode]:
    """Return what makes an output of a check that passed mean for nbgrader what it is.

    nbgrader scores whatever is on stderr 0: a warning is not a failed check. A result that is a
    number is a partial score; one that is no number from 0 to the cell's points would make it
    stop.
    """
    points = float(str(grading(cell).get("points", 0)))

    def mend(output: NotebookNode) -> NotebookNode:
        if output.output_type == "stream":
            output.name = "stdout"
        elif output.output_type == "execute_result":
            try:
                score = float(output.data.setdefault("text/plain", "-"))
            except ValueError:
                return output
            clamped = min(max(score, 0.0), points) if math.isfinite(score) else 0.0
            output.data["text/plain"] = str(clamped)
        return output

    return mend

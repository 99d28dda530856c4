"""What a release must not give away."""

from collections.abc import Iterator
from pathlib import Path

from milepost.adapters.notebook_file import grade_id, parse_notebook
from milepost.ports.courses import Problem, ProjectSource

_MARKS = (
    (b"BEGIN HIDDEN TESTS", "the release still holds a hidden test"),
    (b"END HIDDEN TESTS", "the release still holds a hidden test"),
    (b"BEGIN SOLUTION", "the release still holds a solution"),
    (b"END SOLUTION", "the release still holds a solution"),
)


def find_leaks(release: Path, project: ProjectSource, name: str) -> list[Problem]:
    """Return what is wrong with a release; `name` is how messages call the project's folder."""
    contents = {path: path.read_bytes() for path in release.rglob("*") if path.is_file()}
    hidden = list(_hidden_tests(project.source / project.project.notebook))
    solutions = _solutions(project)
    problems = []
    for path, content in contents.items():
        file = f"{name}/{path.relative_to(release).as_posix()}"
        problems += [Problem(file, "", f"{why}.") for mark, why in _MARKS if mark in content]
        if content in solutions:
            problems.append(Problem(file, "", "is the reference solution."))
        text = _text(path, content)
        problems += [
            Problem(file, f"cell {cell!r}", "the hidden test stands in the release.")
            for cell, test in hidden
            if test in text
        ]
    return problems


def _hidden_tests(notebook: Path) -> Iterator[tuple[str, str]]:
    """Yield each hidden region without its markers, by the id of its cell."""
    for cell in parse_notebook(notebook.read_bytes()).cells:
        _, begin, rest = cell.source.partition("BEGIN HIDDEN TESTS")
        if begin:
            lines = rest.partition("END HIDDEN TESTS")[0].splitlines()[1:-1]
            if test := "\n".join(lines).strip():
                yield str(grade_id(cell)), test


def _solutions(project: ProjectSource) -> set[bytes]:
    """Return the contents of reference files that differ from the starter's."""
    solutions = set()
    for path in project.reference.rglob("*"):
        starter = project.source / path.relative_to(project.reference)
        if path.is_file() and path.stat().st_size:
            content = path.read_bytes()
            if not starter.is_file() or starter.read_bytes() != content:
                solutions.add(content)
    return solutions


def _text(path: Path, content: bytes) -> str:
    if path.suffix == ".ipynb":
        return "\n\n".join(cell.source for cell in parse_notebook(content).cells)
    return content.decode("utf-8", errors="replace")

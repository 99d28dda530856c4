"""One submission laid out for nbgrader, so that nothing in it can trip a converter."""

import shutil
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from jupyterlab_milepost.archive import unpack

from milepost.ports.judge import GradeRequest

TIMESTAMP = "timestamp.txt"
_TEXT = 256 * 1024


class Submission:
    """The learner's files in a folder of ours, and beside them what the course says of them."""

    def __init__(self, request: GradeRequest, folder: Path, source: Path) -> None:
        self.folder = folder
        self._source = source
        self._project = request.project
        unpack(request.archive, folder)
        self._clear_the_way()
        (folder / TIMESTAMP).write_text(request.submitted_at, encoding="utf-8")

    @property
    def notebook(self) -> Path:
        """Where the project's notebook is, if it is there."""
        return self.folder / self._project.notebook

    def kept(self) -> list[str]:
        """Return the source's files that the learner edits, which the source's do not replace."""
        return [name for name in self._source_files() if self._is_editable(name)]

    def texts(self) -> dict[str, str]:
        """Return the text of the learner's Python files by name."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_text("utf-8", errors="replace")
            for path in sorted(self.folder.rglob("*.py"))
            if path.is_file() and path.stat().st_size <= _TEXT
        }

    def _source_files(self) -> Iterator[str]:
        for path in sorted(self._source.rglob("*")):
            if path.is_file():
                yield path.relative_to(self._source).as_posix()

    def _is_editable(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self._project.editable)

    def _clear_the_way(self) -> None:
        """Remove files that stand where the source has a folder, and folders in place of files."""
        for name in [*self._source_files(), TIMESTAMP]:
            path = self.folder / name
            if path.is_dir():
                shutil.rmtree(path)
            for parent in path.relative_to(self.folder).parents:
                if (self.folder / parent).is_file():
                    (self.folder / parent).unlink()

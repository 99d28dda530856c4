"""The learner's files, as the tests may see them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

MAX_FILES = 2000
MAX_TEXT_BYTES = 1024 * 1024
PRELOADED = ("httpx", "pydantic", "fastapi")
IMPORT = re.compile(rf"^\s*(?:import|from)\s+({'|'.join(PRELOADED)})\b", re.MULTILINE)


class Files:
    """The regular files below a folder, without hidden ones, caches and links."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def names(self) -> list[str]:
        """Return the relative POSIX names of all files, sorted; at most MAX_FILES."""
        found = [path.relative_to(self.root).as_posix() for path in self._paths()]
        return sorted(found)

    def read(self, name: str) -> str | None:
        """Return a file's text (its first MiB), or None where there is no such file."""
        path = (self.root / name).resolve()
        if not path.is_relative_to(self.root) or not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(MAX_TEXT_BYTES).decode(errors="replace")

    def fingerprint(self) -> tuple[tuple[str, int, int], ...]:
        """Return what changes when a file other than a notebook changes."""
        stats = ((path, path.stat()) for path in self._paths() if path.suffix != ".ipynb")
        return tuple(sorted((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats))

    def libraries(self) -> list[str]:
        """Return which of the libraries that are slow to import the learner's files import."""
        names = {
            match
            for path in self._paths()
            if path.suffix == ".py"
            for match in IMPORT.findall(path.read_text(errors="replace"))
        }
        return sorted(names)

    def _paths(self) -> Iterator[Path]:
        count = 0
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if not _is_skipped(name)]
            for name in names:
                path = Path(folder, name)
                if not _is_skipped(name) and path.is_file() and not path.is_symlink():
                    count += 1
                    if count > MAX_FILES:
                        return
                    yield path


def _is_skipped(name: str) -> bool:
    return name.startswith(".") or name == "__pycache__"

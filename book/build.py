"""Build the concept book, as in `python build.py var/book`.

The pages and what they load are staged in `work` of that folder and built there; when that has
succeeded, its `html` is replaced, so that readers always have a whole book. Ends with status 1
and the warnings where there are any. Runs in the book's own environment (pyproject.toml here).
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

BOOK = Path(__file__).resolve().parent
REPO = BOOK.parent
PAGES = ("_config.yml", "_toc.yml", "index.md", "concepts", "_ext", "assets")
ICON = REPO / "hub" / "static" / "icon.svg"
MERMAID = REPO / "node_modules" / "mermaid" / "dist"


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    courses = Path(os.environ.get("MILEPOST_COURSES") or REPO / "courses")
    parser.add_argument("--courses", type=Path, default=courses)
    given = parser.parse_args()
    output = given.output.absolute()
    work = output / "work"
    stage(work / "source")
    run(work, given.courses.absolute())
    publish(work / "_build" / "html", output / "html")


def stage(source: Path) -> None:
    """Copy the pages, and what browsers would else fetch from elsewhere, to `source`."""
    if not MERMAID.is_dir():
        sys.exit("milepost: mermaid is not installed: `make book` installs it.")
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    for name in PAGES:
        original = BOOK / name
        copy = shutil.copytree if original.is_dir() else shutil.copy2
        copy(original, source / name)
    shutil.copy2(ICON, source / "icon.svg")
    mermaid = source / "vendor" / "mermaid"
    chunks = Path("chunks", "mermaid.esm.min")
    (mermaid / chunks).mkdir(parents=True)
    shutil.copy2(MERMAID / "mermaid.esm.min.mjs", mermaid)
    for chunk in (MERMAID / chunks).glob("*.mjs"):
        shutil.copy2(chunk, mermaid / chunks)


def run(work: Path, courses: Path) -> None:
    """Have Jupyter Book build `work`/source to `work`/_build/html, or end with what it said.

    Built from scratch each time, save for the outputs of executed cells, which are kept.
    """
    for stale in ("html", ".doctrees"):
        shutil.rmtree(work / "_build" / stale, ignore_errors=True)
    builder = Path(sys.executable).parent / "jupyter-book"
    options = ["-W", "-n", "--keep-going", "--quiet", "--path-output", str(work)]
    command = [str(builder), "build", *options, str(work / "source")]
    environment = {**os.environ, "MILEPOST_COURSES": str(courses), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        said = done.stdout.decode(errors="replace").strip()
        sys.exit(f"{said}\n\nmilepost: the book was not built, and is as it was before.")


def publish(built: Path, place: Path) -> None:
    """Put the finished book in the place of the one before."""
    before = place.with_name("html.before")
    shutil.rmtree(before, ignore_errors=True)
    if place.exists():
        place.rename(before)
    built.rename(place)
    shutil.rmtree(before, ignore_errors=True)


if __name__ == "__main__":
    main()

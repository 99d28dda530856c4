"""Releases made with nbgrader's own generate_assignment."""

import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import nbgrader
from jupyterlab_milepost.archive import inspect, pack
from nbgrader.converters import GenerateAssignment

from milepost.adapters.nbgrader.converters import ConverterError, convert
from milepost.adapters.nbgrader.course_root import IGNORED, CourseRoot, CourseRoots
from milepost.adapters.nbgrader.folders import swap_in
from milepost.adapters.nbgrader.leaks import find_leaks
from milepost.ports.courses import (
    AuthoringError,
    BuiltRelease,
    CourseSource,
    Problem,
    ProjectSource,
)

# Raised when what is made of the same source changes.
_BUILD = 1


class ReleaseBuilder:
    """Builds into course roots; a project whose source did not change is left as it is."""

    def __init__(self, roots: CourseRoots) -> None:
        self._roots = roots

    def build(self, source: CourseSource, project: ProjectSource) -> BuiltRelease:
        """Make a project's release where its source changed since the last time.

        Raises AuthoringError when the release would give away a hidden test or a solution, or
        when nbgrader refuses the source.
        """
        root = self._roots.of(source.course.slug)
        release = root.release / project.project.slug
        whole = release.is_dir() and (root.source / project.project.slug).is_dir()
        changed = not whole or _settled(root, project) != _digest(project.source)
        if changed:
            root.workshop.mkdir(parents=True, exist_ok=True)
            self._generate(root, source, project)
        archive = pack(release)
        return BuiltRelease(archive, len(inspect(archive)), changed)

    def settle(self, source: CourseSource, project: ProjectSource) -> None:
        """Note that the release of this source reached the store."""
        stamp = _stamp(self._roots.of(source.course.slug), project)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(json.dumps({"digest": _digest(project.source)}), encoding="utf-8")

    def _generate(self, root: CourseRoot, course: CourseSource, project: ProjectSource) -> None:
        slug = project.project.slug
        with tempfile.TemporaryDirectory(prefix="build-", dir=root.workshop) as name:
            work = Path(name)
            shutil.copytree(project.source, work / "source" / slug)
            config = root.config(work, slug)
            config.GenerateAssignment.force = True
            try:
                convert(GenerateAssignment, config)
            except ConverterError as error:
                raise _refused(course, slug, str(error)) from error
            made = work / "release" / slug
            if problems := find_leaks(made, project, f"{course.course.slug}/source/{slug}"):
                raise AuthoringError(problems)
            swap_in(work / "source" / slug, root.source / slug, aside=work)
            swap_in(made, root.release / slug, aside=work)
        config_file = course.folder / "nbgrader_config.py"
        if config_file.is_file():
            shutil.copy(config_file, root.folder / config_file.name)


def _refused(course: CourseSource, slug: str, words: str) -> AuthoringError:
    reason = f"nbgrader could not make a release of it: {words}"
    if "Cannot add or remove cells" in words or "Cannot modify existing" in words:
        reason = (
            "graded cells or notebooks were added or removed although learners have submitted "
            "already, and nbgrader keeps their grades by cell; give the changed project a new slug."
        )
    return AuthoringError([Problem(f"{course.course.slug}/source/{slug}", "", reason)])


def _stamp(root: CourseRoot, project: ProjectSource) -> Path:
    return root.workshop / "built" / f"{project.project.slug}.json"


def _settled(root: CourseRoot, project: ProjectSource) -> str | None:
    stamp = _stamp(root, project)
    if not stamp.is_file():
        return None
    digest = json.loads(stamp.read_text(encoding="utf-8"))["digest"]
    return digest if isinstance(digest, str) else None


def _digest(folder: Path) -> str:
    """Return what identifies a release: the source's names and contents, and who builds."""
    digest = hashlib.sha256(f"{_BUILD} {nbgrader.__version__}\n".encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.name in IGNORED or "__pycache__" in path.parts:
            continue
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{content} {name}\n".encode())
    return digest.hexdigest()

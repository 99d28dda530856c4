"""Courses, judge and worker, as the settings choose them."""

import os
from dataclasses import replace
from pathlib import Path

import structlog

from milepost.adapters.course_files import CourseFolders
from milepost.adapters.nbgrader.builder import ReleaseBuilder
from milepost.adapters.nbgrader.course_root import CourseRoots
from milepost.adapters.nbgrader.judge import NbgraderJudge
from milepost.adapters.nbgrader.sandbox import SandboxSettings, SandboxUnavailableError
from milepost.config import Milepost, SettingsError
from milepost.worker import WorkerSettings

log = structlog.get_logger(__name__)

# What the program's own script imports, and with it every process forked for a grading.
_PRELOADED = ("milepost.app",)


def course_roots(settings: Milepost) -> CourseRoots:
    """Return where nbgrader finds courses."""
    return CourseRoots(settings.course_roots, settings.gradebook_url)


def throw_away_roots(folder: Path) -> CourseRoots:
    """Return course roots that nobody will miss."""
    return CourseRoots(folder, f"sqlite:///{folder}/{{course}}/gradebook.db?timeout=60")


def make_sources(settings: Milepost) -> CourseFolders:
    """Return the authors' folders."""
    return CourseFolders(settings.courses_folder, settings.book_folder)


def make_builder(roots: CourseRoots) -> ReleaseBuilder:
    """Return what makes releases."""
    return ReleaseBuilder(roots)


def make_judge(settings: Milepost, roots: CourseRoots) -> NbgraderJudge:
    """Return the judge, ready to fork gradings.

    Raises SettingsError where no sandbox is to be had that the settings allow.
    """
    sandbox = SandboxSettings(
        backend=settings.sandbox,
        image=settings.sandbox_image,
        python=settings.learner_interpreter,
        memory=settings.sandbox_memory,
        disk=settings.sandbox_disk,
        processes=settings.sandbox_processes,
        cpus=settings.sandbox_cpus,
        cell_seconds=settings.cell_seconds,
        notebook_seconds=settings.notebook_seconds,
    )
    try:
        chosen = sandbox.chosen()
        log.info("sandbox.chosen", backend=chosen)
        check_containment(settings, chosen, as_root=os.geteuid() == 0)
        # Chosen once: were each grading to choose anew, `auto` would turn to plain processes as
        # soon as bubblewrap failed once.
        judge = NbgraderJudge(roots, replace(sandbox, backend=chosen), preload=_PRELOADED)
    except SandboxUnavailableError as error:
        raise SettingsError(str(error)) from error
    judge.prepare()
    return judge


def worker_settings(settings: Milepost) -> WorkerSettings:
    """Return what the worker is told."""
    return WorkerSettings(
        slots=settings.slots, lease_seconds=settings.lease_seconds, tries=settings.tries
    )


def check_containment(settings: Milepost, backend: str, *, as_root: bool) -> None:
    """Refuse to run learners' code as plain processes where that would give too much away.

    Raises SettingsError.
    """
    if backend != "process":
        return
    if not settings.loopback_only:
        raise SettingsError(
            "Learners' code would run as plain processes, which contain nothing, on a platform "
            "that others can reach: install bubblewrap, or set MILEPOST_SANDBOX=docker."
        )
    if as_root and settings.sandbox != "process":
        raise SettingsError(
            "bubblewrap does not work here, and learners' code would run as root, contained by "
            "nothing: install bubblewrap, run Milepost as another user, or set MILEPOST_SANDBOX "
            "to docker, or to process if you mean it."
        )
    log.warning("sandbox.contains_nothing", advice="Install bubblewrap, or use Docker.")

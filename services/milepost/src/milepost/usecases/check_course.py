"""Prove a course: every reference solution passes, no starter does, every fault is caught."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path

from jupyterlab_milepost.archive import pack_files, unpack

from milepost.domain.attempts import Outcome, StepResult
from milepost.ports.courses import CourseBuilder, CourseSource, ProjectSource
from milepost.ports.judge import GradeRequest, Judge, JudgeError

_NOT_SUBMITTED = {"faulty.yml"}


@dataclass(frozen=True)
class Trial:
    """One solution to be judged. `fails` are the steps that it must fail, all others must pass."""

    name: str
    files: dict[str, bytes]
    fails: frozenset[str]
    worthless: bool = False
    """Whether its steps must give no point at all, as a starter's."""


@dataclass(frozen=True)
class Finding:
    """What came of a trial; `problems` is empty where it went as it should."""

    project: str
    trial: str
    seconds: float
    problems: tuple[str, ...]


async def check_course(
    source: CourseSource,
    projects: Iterable[ProjectSource],
    *,
    builder: CourseBuilder,
    judge: Judge,
    at_once: int,
) -> AsyncIterator[Finding]:
    """Yield a finding a trial, as they end; `at_once` run side by side.

    `builder` and `judge` must work on a throw-away gradebook. Raises AuthoringError when a
    project cannot be built.
    """
    built = [(one, builder.build(source, one).archive) for one in projects]
    free = asyncio.Semaphore(at_once)

    async def judged(project: ProjectSource, trial: Trial, number: int) -> Finding:
        async with free:
            return await _judge(judge, source, project, trial, number)

    trials = [(project, trial) for project, archive in built for trial in _trials(project, archive)]
    running = [
        asyncio.ensure_future(judged(project, trial, number))
        for number, (project, trial) in enumerate(trials)
    ]
    try:
        for finding in asyncio.as_completed(running):
            yield await finding
    finally:
        for task in running:
            task.cancel()


def _trials(project: ProjectSource, archive: bytes) -> list[Trial]:
    starter = _unpacked(archive)
    reference = starter | _files(project.reference)
    steps = frozenset(step.id for step in project.project.steps)
    return [
        Trial("reference", reference, frozenset()),
        Trial("starter", starter, steps, worthless=True),
        *(
            Trial(f"faulty/{fault.name}", reference | _files(fault.folder), fault.fails)
            for fault in project.faults
        ),
    ]


async def _judge(
    judge: Judge, source: CourseSource, project: ProjectSource, trial: Trial, number: int
) -> Finding:
    request = GradeRequest(
        attempt_id=number,
        username=f"check-{number}",
        course=source.course.slug,
        project=project.project,
        isolation=source.course.isolation,
        archive=pack_files(trial.files),
        submitted_at="2000-01-01T00:00:00+00:00",
    )
    slug = project.project.slug
    try:
        outcome = await judge.grade(request)
    except JudgeError as error:
        return Finding(slug, trial.name, 0.0, (f"could not be judged: {error}",))
    return Finding(slug, trial.name, outcome.seconds, tuple(_problems(trial, outcome)))


def _problems(trial: Trial, outcome: Outcome) -> list[str]:
    problems = []
    for step in outcome.steps:
        if trial.worthless and step.points:
            problems.append(f"{step.step}: gives {step.points:g} points, and should give none")
        elif step.passed and step.step in trial.fails:
            problems.append(f"{step.step}: passes, and should fail")
        elif not step.passed and step.step not in trial.fails:
            problems.append(f"{step.step}: fails, and should pass. {_reasons(step)}")
    if problems and outcome.message:
        problems.append(f"{outcome.verdict}: {outcome.message}")
    return problems


def _reasons(step: StepResult) -> str:
    return " ".join(f"{check.cell}: {check.message}" for check in step.checks if not check.passed)


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in _NOT_SUBMITTED and "__pycache__" not in path.parts
    }


def _unpacked(archive: bytes) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "release"
        unpack(archive, folder)
        return _files(folder)

"""One attempt graded, from archive to outcome; runs in a process of its own."""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

from jupyterlab_milepost.archive import ArchiveError
from nbformat import NotebookNode
from nbgrader.converters import Autograde, BaseConverter
from nbgrader.preprocessors import Execute

from milepost.adapters.nbgrader.converters import ConverterError, convert
from milepost.adapters.nbgrader.course_root import CourseRoot
from milepost.adapters.nbgrader.execute import SandboxExecute
from milepost.adapters.nbgrader.folders import put_away, swap_in
from milepost.adapters.nbgrader.gradebook import Entry
from milepost.adapters.nbgrader.messages import Budget
from milepost.adapters.nbgrader.outcome import Explainer, steps_of, verdict_of, zero_steps
from milepost.adapters.nbgrader.restore import Restored, restore
from milepost.adapters.nbgrader.sandbox import SandboxSettings
from milepost.adapters.nbgrader.submission import Submission
from milepost.adapters.nbgrader.turn import Turn
from milepost.adapters.notebook_file import BadNotebookError, parse_notebook, to_bytes
from milepost.domain.attempts import Outcome, Verdict
from milepost.ports.judge import GradeRequest, JudgeError, JudgeUnavailableError


@dataclass(frozen=True)
class Job:
    """Everything a grading process is handed; `work` is an empty folder beside the course's own."""

    request: GradeRequest
    root: CourseRoot
    sandbox: SandboxSettings
    sandbox_digest: str
    work: Path


def grade(job: Job) -> Outcome:
    """Grade, record in the gradebook, and put the graded files where the formgrader finds them.

    Raises JudgeError for whatever is not the learner's doing, JudgeUnavailableError.
    """
    started = time.monotonic()
    try:
        with Turn(job.root, job.request) as turn:
            outcome = _Grading(job, turn).outcome()
    except (ArchiveError, ConverterError, OSError) as error:
        raise JudgeError(f"{type(error).__name__}: {error}") from error
    seconds = round(time.monotonic() - started, 3)
    return Outcome(
        verdict=outcome.verdict,
        steps=outcome.steps,
        message=outcome.message,
        tests_digest=_digest(job.root.source / job.request.project.slug),
        sandbox_digest=job.sandbox_digest,
        seconds=seconds,
        flags=outcome.flags,
    )


class _Grading:
    """The steps of one grading, which share its folders and names."""

    def __init__(self, job: Job, turn: Turn) -> None:
        self._job = job
        self._turn = turn
        request, project = job.request, job.request.project
        self._source = job.root.source / project.slug
        if not (self._source / project.notebook).is_file():
            raise JudgeError(
                f"{job.root.slug}/{project.slug} has not been built: run milepost course build."
            )
        self._entry = Entry(
            job.root.gradebook_url,
            job.root.slug,
            project.slug,
            Path(project.notebook).stem,
            request.username,
        )
        self._place = Path(request.username) / project.slug
        self._submission = Submission(request, job.work / "submitted" / self._place, self._source)

    def outcome(self) -> Outcome:
        """Grade what can be graded; what cannot, gets no points and a reason."""
        notebook = self._submission.notebook
        self._entry.ensure_student()
        if not notebook.is_file():
            name = self._job.request.project.notebook
            return self._without_points(
                Verdict.NO_NOTEBOOK,
                f"There is no {name} in your submission: it holds the checks, so submit the "
                "project's whole folder.",
            )
        original = notebook.read_bytes()
        try:
            restored = self._restored(original)
        except BadNotebookError as error:
            return self._without_points(
                Verdict.BAD_NOTEBOOK,
                f"Your notebook cannot be read: {error}. Open it in JupyterLab, save it, and "
                "submit again; or fetch the project anew and copy your work over.",
            )
        notebook.write_bytes(to_bytes(restored.notebook))
        executor = self._convert(original)
        outcome = self._result(executor, restored.flags)
        notebook.write_bytes(original)
        self._install()
        return outcome

    def _restored(self, original: bytes) -> Restored:
        """Return the learner's notebook mended. Raises BadNotebookError for theirs only."""
        name = self._job.request.project.notebook
        source = _parse_ours(self._source / name)
        released = _parse_ours(self._job.root.release / self._job.request.project.slug / name)
        return restore(parse_notebook(original), source, released)

    def _convert(self, original: bytes) -> SandboxExecute:
        """Run nbgrader's autograder, with our executor in the place of its own."""
        job, slug = self._job, self._job.request.project.slug
        config = job.root.config(job.work, slug)
        config.CourseDirectory.source_directory = str(job.root.source)
        config.CourseDirectory.student_id = job.request.username
        config.CourseDirectory.notebook_id = self._entry.notebook
        config.Autograde.exclude_overwriting = {slug: self._submission.kept()}
        config.Autograde.force = True
        config.merge(job.sandbox.config())
        executor = SandboxExecute(config=config)
        executor.learner_notebook = original
        executor.while_running = self._turn.let_go

        def replace(converter: BaseConverter) -> None:
            converter.autograde_preprocessors = [
                executor if one is Execute else one for one in converter.autograde_preprocessors
            ]

        try:
            convert(Autograde, config, replace)
        except ConverterError as error:
            if executor.unavailable is None:
                raise
            raise JudgeUnavailableError(f"No sandbox: {executor.unavailable}") from error
        return executor

    def _result(self, executor: SandboxExecute, flags: tuple[str, ...]) -> Outcome:
        sandbox, execution = self._job.sandbox, executor.execution
        budget = Budget(sandbox.cell_seconds, sandbox.notebook_seconds, sandbox.memory)
        explain = Explainer(execution, self._submission.texts(), budget)
        project = self._job.request.project
        steps = steps_of(project, self._entry.maxima(), self._entry.scores(), explain)
        verdict = verdict_of(steps, execution)
        message = "" if verdict is Verdict.PASSED else explain.whole()
        return Outcome(verdict, steps, message, flags=flags)

    def _without_points(self, verdict: Verdict, message: str) -> Outcome:
        self._entry.record_zero(self._job.request.submitted_at)
        put_away(self._job.root.autograded / self._place, aside=self._job.work)
        swap_in(
            self._submission.folder, self._job.root.submitted / self._place, aside=self._job.work
        )
        steps = zero_steps(self._job.request.project, self._entry.maxima(), message)
        return Outcome(verdict, steps, message)

    def _install(self) -> None:
        work, root = self._job.work, self._job.root
        swap_in(work / "autograded" / self._place, root.autograded / self._place, aside=work)
        swap_in(work / "submitted" / self._place, root.submitted / self._place, aside=work)


def _parse_ours(path: Path) -> NotebookNode:
    try:
        return parse_notebook(path.read_bytes())
    except BadNotebookError as error:
        raise JudgeError(f"The course's own {path} cannot be read: {error}.") from error


def _digest(source: Path) -> str:
    """Return what identifies the tests: names and contents of the built source."""
    digest = hashlib.sha256()
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{content} {path.relative_to(source).as_posix()}\n".encode())
    return digest.hexdigest()

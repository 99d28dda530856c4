"""Give learners the feedback pages that `nbgrader generate_feedback` wrote."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbgrader.exchange import abc

from jupyterlab_milepost.archive import pack_files
from jupyterlab_milepost.exchange.base import Exchange
from jupyterlab_milepost.exchange.folders import TIMESTAMP_FILE
from jupyterlab_milepost.exchange.students import Students
from jupyterlab_milepost.records import Submission

_SAME_INSTANT = timedelta(seconds=1)


class ExchangeReleaseFeedback(Exchange, abc.ExchangeReleaseFeedback):  # type: ignore[misc]
    """`nbgrader release_feedback`: each submission gets the pages made from it.

    The `timestamp.txt` beside the pages tells which submission of the learner they are for.
    """

    def init_src(self) -> None:
        """Ask the service who submitted what, and find the learners' feedback folders."""
        students = Students.of(self.coursedir)
        self.submissions: defaultdict[str, list[Submission]] = defaultdict(list)
        for submission in self.service.submissions(course=self.course, project=self.project):
            self.submissions[submission.username].append(submission)
        step = self.coursedir.feedback_directory
        folders = {name: self.course_folder(step, name) for name in sorted(self.submissions)}
        self.folders = {
            name: folder
            for name, folder in folders.items()
            if students.include(name) and folder.is_dir()
        }
        if not self.folders:
            self.log.warning(
                "There is no feedback on '%s' to release in %s: run `nbgrader generate_feedback`.",
                self.project,
                self.course_folder(step, "*"),
            )

    def init_dest(self) -> None:
        """Each submission takes its own feedback: see `copy_files`."""

    def copy_files(self) -> None:
        """Send every learner's pages; fail at the end if some had no submission to go to."""
        lost = [name for name, folder in self.folders.items() if not self._release(name, folder)]
        if lost:
            self.fail(
                f"No submission of {self.project} fits the {TIMESTAMP_FILE} in the feedback of: "
                f"{', '.join(lost)}. Collect, autograde and generate_feedback anew."
            )

    def _release(self, student: str, folder: Path) -> bool:
        submission = self._submission_of(student, folder)
        if submission is None:
            return False
        pages = {page.name: page.read_bytes() for page in sorted(folder.glob("*.html"))}
        self.service.release_feedback(submission, pack_files(pages))
        self.log.info(
            "Releasing feedback for student '%s' on assignment '%s/%s' (%s)",
            student,
            self.course,
            self.project,
            self.timestamp_of(submission.submitted_at),
        )
        return True

    def _submission_of(self, student: str, folder: Path) -> Submission | None:
        written: datetime | None = self.coursedir.get_existing_timestamp(str(folder))
        if written is None:
            return None
        instant = written.replace(tzinfo=UTC)

        def distance(submission: Submission) -> timedelta:
            return abs(submission.submitted_at - instant)

        nearest = min(self.submissions[student], key=distance, default=None)
        return nearest if nearest and distance(nearest) < _SAME_INSTANT else None

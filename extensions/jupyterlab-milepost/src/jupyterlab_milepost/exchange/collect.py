"""Bring submissions into the instructor's course directory."""

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.exchange import abc

from jupyterlab_milepost.exchange.base import Exchange
from jupyterlab_milepost.exchange.folders import TIMESTAMP_FILE, replace_folder
from jupyterlab_milepost.exchange.students import Students
from jupyterlab_milepost.records import Submission


class ExchangeCollect(Exchange, abc.ExchangeCollect):  # type: ignore[misc]
    """`nbgrader collect`: each learner's last submission goes to `submitted/<student>/<project>`.

    `--update` replaces an older one; `--before_duedate` takes the last one in time, where there
    is any. The service vouches for who submitted, so there is no file owner to check.
    """

    def init_src(self) -> None:
        """Ask the service which submissions there are, and choose one of each learner."""
        students = Students.of(self.coursedir)
        by_student: defaultdict[str, list[Submission]] = defaultdict(list)
        newest_only = {} if self.before_duedate else {"latest": "true"}
        for submission in self.service.submissions(
            course=self.course, project=self.project, **newest_only
        ):
            if students.include(submission.username):
                by_student[submission.username].append(submission)
        due = self._due() if self.before_duedate else None
        self.chosen = [_choose(by_student[name], due) for name in sorted(by_student)]

    def init_dest(self) -> None:
        """Each submission has a folder of its own: see `copy_files`."""

    def copy_files(self) -> None:
        """Write the chosen submissions that are missing or to be updated."""
        amount = len(self.chosen) or "No"
        self.log.info(
            "%s submissions of '%s' for course '%s' to collect", amount, self.project, self.course
        )
        for submission in self.chosen:
            self._collect(submission)

    def _collect(self, submission: Submission) -> None:
        student = submission.username
        folder = self.course_folder(self.coursedir.submitted_directory, student)
        if folder.is_dir() and not self._is_wanted(folder, submission):
            hint = "No newer submission to collect" if self.update else _EXISTS
            self.log.info("%s: %s %s", hint, student, self.project)
            return
        verb = "Updating" if folder.is_dir() else "Collecting"
        self.log.info("%s submission: %s %s", verb, student, self.project)
        archive = self.service.submission_archive(submission)
        notes = {TIMESTAMP_FILE: self.timestamp_of(submission.submitted_at)}
        replace_folder(archive, folder, notes)

    def _is_wanted(self, folder: Path, submission: Submission) -> bool:
        """Say whether a submission should replace the one in `folder`, as stock nbgrader does."""
        present = self.coursedir.get_existing_timestamp(str(folder))
        offered = submission.submitted_at.astimezone(UTC).replace(tzinfo=None)
        if self.update and (present is None or offered > present):
            return True
        return bool(self.before_duedate and present != offered)

    def _due(self) -> datetime | None:
        with Gradebook(self.coursedir.db_url, self.course) as gradebook:
            try:
                due: datetime | None = gradebook.find_assignment(self.project).duedate
            except MissingEntry:
                return None
        return due.replace(tzinfo=UTC) if due else None


_EXISTS = "Submission already exists, use --update to update"


def _choose(submissions: list[Submission], due: datetime | None) -> Submission:
    """Return the last submission in time, or the very last where none is in time."""
    in_time = [one for one in submissions if due is None or one.submitted_at <= due]
    return max(in_time or submissions, key=lambda one: one.submitted_at)

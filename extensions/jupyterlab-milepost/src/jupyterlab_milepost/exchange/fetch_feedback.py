"""Bring feedback to the learner, beside the project that it is about."""

from fnmatch import fnmatchcase

from nbgrader.exchange import abc

from jupyterlab_milepost.exchange.base import Exchange
from jupyterlab_milepost.exchange.feedback import VERSION_FILE, feedback_folder, fetched_version
from jupyterlab_milepost.exchange.folders import replace_folder
from jupyterlab_milepost.records import Submission


class ExchangeFetchFeedback(Exchange, abc.ExchangeFetchFeedback):  # type: ignore[misc]
    """`nbgrader fetch_feedback`: pages go to `<project>/feedback/<timestamp>/`."""

    def init_src(self) -> None:
        """Find the learner's own submissions that have feedback."""
        wanted = self.coursedir.assignment_id or "*"
        submissions = self.service.submissions(course=self.course, username=self.username)
        mine = [one for one in submissions if fnmatchcase(one.project, wanted)]
        self.ready = [one for one in mine if one.feedback]
        if not self.ready:
            self.log.warning(
                "No feedback for '%s/%s' is ready: %s submitted so far.",
                self.course,
                wanted,
                f"{len(mine)} times" if mine else "nothing was",
            )

    def init_dest(self) -> None:
        """Each submission's feedback has a folder of its own: see `copy_files`."""

    def copy_files(self) -> None:
        """Fetch what is new or was changed since."""
        for submission in self.ready:
            self._fetch(submission)

    def _fetch(self, submission: Submission) -> None:
        project = self.project_folder(submission.course, submission.project)
        folder = feedback_folder(project, self.timestamp_of(submission.submitted_at))
        if fetched_version(folder) == submission.feedback:
            self.log.info("Feedback was fetched already: %s", folder)
            return
        archive = self.service.feedback(submission)
        replace_folder(archive, folder, {VERSION_FILE: str(submission.feedback)})
        self.log.info("Fetched feedback: %s", folder)

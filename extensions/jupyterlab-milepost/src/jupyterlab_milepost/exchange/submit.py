"""Hand in the learner's project."""

from pathlib import Path
from typing import Any

from nbgrader.exchange import abc

from jupyterlab_milepost.archive import digest, pack
from jupyterlab_milepost.exchange import cache
from jupyterlab_milepost.exchange.base import Exchange
from jupyterlab_milepost.records import Submission


class ExchangeSubmit(Exchange, abc.ExchangeSubmit):  # type: ignore[misc]
    """`nbgrader submit`: packs the project's files, sends them once, and keeps a copy.

    After `start`, `receipt` is the service's receipt. The submission counts as made from then on,
    even where no copy could be kept.
    """

    receipt: dict[str, Any]

    def init_src(self) -> None:
        """Find the learner's folder; its last part names the project, as in stock nbgrader."""
        self.coursedir.assignment_id = Path(self.coursedir.assignment_id).name
        self.folder = self.project_folder(self.course, self.project)
        if not self.folder.is_dir():
            self.fail(
                f"Assignment not found at: {self.folder}. Fetch it first: "
                f"nbgrader fetch_assignment {self.project} --course {self.course}"
            )
        if not any(self.folder.glob("*.ipynb")):
            self.log.warning("No notebook found in %s: it cannot be graded.", self.folder)

    def init_dest(self) -> None:
        """See that nobody submits in another's name."""
        if self.coursedir.student_id not in {"*", self.username}:
            self.fail(
                f"You are signed in as {self.username}, and cannot submit as "
                f"{self.coursedir.student_id}: leave out --student."
            )
        if self.strict:
            self._require_notebook()

    def copy_files(self) -> None:
        """Send the archive, tell the receipt, keep the copy."""
        archive = pack(self.folder, ignore=self.ignore)
        self.receipt = self.service.submit(self.course, self.project, archive)
        submission = Submission.from_json(self.receipt)
        self.timestamp = self.timestamp_of(submission.submitted_at)
        self.log.info("Submitted as: %s %s %s", self.course, self.project, self.timestamp)
        self.log.info("Receipt: %s, SHA-256 %s", submission.id, submission.sha256)
        if submission.sha256 != digest(archive):
            self.log.warning("The receipt is for other content than was sent: submit again.")
        self._keep(archive, self.receipt)

    def _keep(self, archive: bytes, receipt: dict[str, Any]) -> None:
        try:
            cache.keep(
                Path(self.cache),
                archive,
                receipt,
                student=self.username,
                timestamp=self.timestamp,
            )
        except OSError as error:
            self.log.warning(
                "Your submission was received, but no copy of it could be kept here (%s).", error
            )

    def _require_notebook(self) -> None:
        for project in self.service.projects(self.course):
            if project.slug == self.project and not (self.folder / project.notebook).is_file():
                self.fail(
                    f"Assignment {self.project} not submitted. "
                    f"The notebook {project.notebook} is missing from {self.folder}."
                )

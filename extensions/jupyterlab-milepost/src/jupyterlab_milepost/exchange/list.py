"""List what is released, what was handed in, and what feedback there is."""

import json
import shutil
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from nbgrader.exchange import abc
from traitlets import Bool

from jupyterlab_milepost.exchange import cache
from jupyterlab_milepost.exchange.base import Exchange
from jupyterlab_milepost.exchange.feedback import feedback_folder, fetched_version
from jupyterlab_milepost.exchange.listing import Info, grouped, lines
from jupyterlab_milepost.names import course_name
from jupyterlab_milepost.records import Project, Submission


class ExchangeList(Exchange, abc.ExchangeList):  # type: ignore[misc]
    """`nbgrader list`, with `--inbound`, `--cached`, `--remove` and `--json`.

    Without a course in the command or the configuration, all courses of the user are listed.
    """

    as_json = Bool(False, help="Write the list as JSON to standard output.").tag(config=True)

    def init_src(self) -> None:
        """Refuse what cannot be undone: submissions are kept for good."""
        if self.inbound and self.remove:
            self.fail("Submissions are kept: Milepost does not remove them. Leave out --remove.")

    def init_dest(self) -> None:
        """Nothing is written."""

    def copy_files(self) -> None:
        """Nothing is transferred."""

    def list_files(self) -> list[Info]:
        """Show and return the entries."""
        entries = self._entries()
        if self.as_json:
            sys.stdout.write(json.dumps(entries, indent=2) + "\n")
            return entries
        submitted = self.inbound or self.cached
        self._show("Submitted assignments:" if submitted else "Released assignments:", entries)
        return entries

    def remove_files(self) -> list[Info]:
        """Remove the listed entries: released projects at the service, or kept copies here."""
        entries = self._entries()
        if self.cached:
            self._show("Removing submitted assignments:", entries)
            for entry in entries:
                for submission in entry["submissions"]:
                    shutil.rmtree(submission["path"])
        else:
            self._show("Removing released assignments:", entries)
            for entry in entries:
                self.service.unrelease(entry["course_id"], entry["assignment_id"])
        return entries

    def _entries(self) -> list[Info]:
        if self.inbound or self.cached:
            find = self._cached if self.cached else self._inbound
            return grouped([info for course in self._courses() for info in find(course)])
        return [
            self._released(project)
            for course in self._courses()
            for project in self.service.projects(course)
            if self._is_listed(project.slug)
        ]

    def _courses(self) -> list[str]:
        course = self.coursedir.course_id
        return [course_name(course)] if course else sorted(self.service.courses())

    def _is_listed(self, project: str) -> bool:
        return fnmatchcase(project, self.coursedir.assignment_id or "*")

    def _released(self, project: Project) -> Info:
        folder = self.project_folder(project.course, project.slug)
        fetched = folder.is_dir()
        notebooks = sorted(folder.glob("*.ipynb")) if fetched else [folder / project.notebook]
        status = "fetched" if fetched else "released"
        return {
            "course_id": project.course,
            "assignment_id": project.slug,
            "title": project.title,
            "state": project.state,
            "status": "removed" if self.remove else status,
            "path": str(folder),
            "notebooks": [{"notebook_id": path.stem, "path": str(path)} for path in notebooks],
        }

    def _inbound(self, course: str) -> Iterator[Info]:
        student = self.coursedir.student_id or "*"
        for submission in self.service.submissions(course=course):
            if self._is_listed(submission.project) and fnmatchcase(submission.username, student):
                timestamp = self.timestamp_of(submission.submitted_at)
                address = f"{self.service.api_url}/submissions/{submission.id}/archive"
                yield self._submitted(
                    (course, submission.username, submission.project, timestamp),
                    path=address,
                    notebooks=[],
                    ready=submission.feedback,
                )

    def _cached(self, course: str) -> Iterator[Info]:
        known = {one.id: one for one in self._own_submissions(course)}
        for kept in cache.find(
            Path(self.cache),
            course=course,
            student=self.coursedir.student_id or "*",
            project=self.coursedir.assignment_id or "*",
        ):
            yield self._submitted(
                (course, kept.student, kept.project, kept.timestamp),
                path=str(kept.path),
                notebooks=sorted(kept.path.glob("*.ipynb")),
                ready=known[kept.id].feedback if kept.id in known else None,
            )

    def _own_submissions(self, course: str) -> list[Submission]:
        return self.service.submissions(course=course, username=self.username)

    def _submitted(
        self,
        key: tuple[str, str, str, str],
        *,
        path: str,
        notebooks: list[Path],
        ready: str | None,
    ) -> Info:
        """Describe one submission; `ready` is the version of its feedback at the service."""
        course, student, project, timestamp = key
        folder = feedback_folder(self.project_folder(course, project), timestamp)
        fetched = fetched_version(folder)
        feedback = {
            "has_local_feedback": fetched is not None,
            "has_exchange_feedback": ready is not None,
            "feedback_updated": fetched is not None and ready is not None and fetched != ready,
        }

        def local(place: Path) -> Info:
            return feedback | {"local_feedback_path": str(place) if fetched else None}

        return {
            "course_id": course,
            "student_id": student,
            "assignment_id": project,
            "timestamp": timestamp,
            "status": "removed" if self.remove else "submitted",
            "path": path,
            "notebooks": [
                {"notebook_id": notebook.stem, "path": str(notebook)}
                | local(folder / f"{notebook.stem}.html")
                for notebook in notebooks
            ],
        } | local(folder)

    def _show(self, title: str, entries: list[Info]) -> None:
        for line in [title, *lines(entries)]:
            self.log.info("%s", line)

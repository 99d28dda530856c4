"""Release a project to the learners."""

from nbgrader.exchange import abc

from jupyterlab_milepost.archive import pack
from jupyterlab_milepost.exchange.base import Exchange


class ExchangeReleaseAssignment(Exchange, abc.ExchangeReleaseAssignment):  # type: ignore[misc]
    """`nbgrader release_assignment`: what `generate_assignment` wrote goes to the service."""

    def init_src(self) -> None:
        """Find the release version in the course directory."""
        self.folder = self.course_folder(self.coursedir.release_directory, ".")
        if self.folder.is_dir():
            return
        source = self.course_folder(self.coursedir.source_directory, ".")
        if source.is_dir():
            self.fail(
                f"Assignment found in '{source}' but not '{self.folder}', "
                "run `nbgrader generate_assignment` first."
            )
        self.fail(f"Assignment not found at: {self.folder}")

    def init_dest(self) -> None:
        """Refuse to replace a released project unless `--force` is given."""
        released = {project.slug for project in self.service.projects(self.course)}
        if self.project in released and not self.force:
            self.fail(
                "Destination already exists, add --force to overwrite: "
                f"{self.course} {self.project}"
            )

    def copy_files(self) -> None:
        """Pack and send the project."""
        self.service.release(self.course, self.project, pack(self.folder, ignore=self.ignore))
        self.log.info("Released as: %s %s", self.course, self.project)

"""Bring a released project into the learner's folder."""

from nbgrader.exchange import abc

from jupyterlab_milepost.archive import unpack
from jupyterlab_milepost.exchange.base import Exchange
from jupyterlab_milepost.exchange.folders import add_missing


class ExchangeFetchAssignment(Exchange, abc.ExchangeFetchAssignment):  # type: ignore[misc]
    """`nbgrader fetch_assignment`: never overwrites a file of the learner's.

    With `--replace`, files that the learner's copy lacks are added to it.
    """

    def init_src(self) -> None:
        """Nothing lies here yet: the service has it."""

    def init_dest(self) -> None:
        """Find the learner's folder, and refuse one that is there already."""
        self.folder = self.project_folder(self.course, self.project)
        if self.folder.is_dir() and not self.replace_missing_files:
            self.fail(
                f"You already have a copy of the assignment in this directory: {self.folder}. "
                "Add --replace to get back files that it lacks; none is overwritten."
            )

    def copy_files(self) -> None:
        """Fetch the archive and write it."""
        archive = self.service.project_archive(self.course, self.project)
        try:
            if self.folder.is_dir():
                for name in add_missing(archive, self.folder):
                    self.log.warning("Replacing missing file '%s'", name)
            else:
                unpack(archive, self.folder)
        except (FileExistsError, NotADirectoryError) as error:
            blocked = error.filename or self.folder
            self.fail(f"A file of yours stands in the way of the project's: {blocked}")
        self.log.info("Fetched as: %s %s", self.course, self.project)
        self.log.info("Destination: %s", self.folder)

"""The program `milepost`: its subcommands, and the choice of adapters."""

import sys

from milepost.app.command import Command, run
from milepost.app.course import CourseCommand
from milepost.app.service import AllCommand, UpgradeCommand, WebCommand, WorkerCommand


class MilepostCommand(Command):
    """Milepost's service: distribution, judging, progress."""

    name = "milepost"
    subcommands = {  # noqa: RUF012 - as traitlets has it
        "all": (AllCommand, "web and worker in one process"),
        "web": (WebCommand, "pages and API"),
        "worker": (WorkerCommand, "grading"),
        "upgrade": (UpgradeCommand, "bring the database to this version's schema"),
        "course": (CourseCommand, "list, build and check courses"),
    }


def main() -> None:
    """Run the program with the arguments of this process."""
    run(MilepostCommand, sys.argv[1:])

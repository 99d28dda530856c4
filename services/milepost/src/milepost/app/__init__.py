"""The program `milepost`: its subcommands, and the choice of adapters."""

import sys

from milepost.app.command import Command, run


class MilepostCommand(Command):
    """Milepost's service: distribution, judging, progress."""

    name = "milepost"
    # By name: a command is imported when it is the one that was asked for.
    subcommands = {  # noqa: RUF012 - as traitlets has it
        "all": ("milepost.app.service.AllCommand", "web and worker in one process"),
        "web": ("milepost.app.service.WebCommand", "pages and API"),
        "worker": ("milepost.app.service.WorkerCommand", "grading"),
        "upgrade": (
            "milepost.app.database.UpgradeCommand",
            "bring the database to this version's schema",
        ),
        "jobs": ("milepost.app.jobs.JobsCommand", "see to what could not be graded"),
        "course": ("milepost.app.course.CourseCommand", "list, build and check courses"),
    }


def main() -> None:
    """Run the program with the arguments of this process."""
    run(MilepostCommand, sys.argv[1:])

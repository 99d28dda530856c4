"""What all subcommands share: settings, logs, and errors as one sentence."""

import logging
import os
import sys

from traitlets import TraitError, Unicode
from traitlets.config import Application
from traitlets.config.loader import ArgumentError

from milepost import logs
from milepost.adapters.nbgrader.sandbox import SandboxUnavailableError
from milepost.adapters.sql.engine import DatabaseUrlError
from milepost.adapters.sql.schema import SchemaError
from milepost.config import Milepost, SettingsError, from_environment
from milepost.ports.courses import AuthoringError, UnknownCourseError

# What an operator or an author can mend; everything else is a fault of ours, with a traceback.
_CLEAR = (
    SettingsError,
    SandboxUnavailableError,
    DatabaseUrlError,
    SchemaError,
    UnknownCourseError,
    AuthoringError,
    TraitError,
    ArgumentError,
)


class Command(Application):
    """A subcommand: `work` does it."""

    name = "milepost"
    classes = [Milepost]  # noqa: RUF012 - as traitlets has it
    config_file = Unicode("", help="A Python file with settings: c.Milepost.slots = 4").tag(
        config=True
    )
    aliases = {  # noqa: RUF012 - as traitlets has it
        "config": "Command.config_file",
        "f": "Command.config_file",
    }
    flags = {}  # noqa: RUF012 - as traitlets has it
    settings: Milepost

    def initialize(self, argv: list[str] | None = None) -> None:
        """Read the environment, then the config file, then the command line over both."""
        self.update_config(from_environment(os.environ))
        self.parse_command_line(argv)
        if self.subapp is not None:
            return
        if self.config_file:
            given = self.cli_config
            self.load_config_file(self.config_file)
            self.update_config(given)
        self.settings = Milepost(parent=self)
        logs.set_up(self.settings.log_level)

    def start(self) -> None:
        """Do the work of this command or of the subcommand that was named."""
        if self.subapp is not None:
            self.subapp.start()
        else:
            self.work()

    def work(self) -> None:
        """Without a subcommand there is nothing to do but to say what there is."""
        self.print_help()
        self.exit(1)

    def say(self, text: str) -> None:
        """Print a line for the person at the terminal."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def run(application: type[Command], argv: list[str] | None = None) -> None:
    """Launch an application; what a person can mend ends it with a sentence and status 1."""
    try:
        application.launch_instance(argv)
    except _CLEAR as error:
        sys.exit(f"milepost: {error}")
    finally:
        logging.shutdown()

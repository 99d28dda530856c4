"""What all subcommands share: settings, logs, and errors as one sentence."""

import inspect
import logging
import os
import sys

from traitlets import TraitError, Unicode, default
from traitlets.config import Application, Config
from traitlets.config.loader import ArgumentError

from milepost import logs
from milepost.adapters.sql.engine import DatabaseUrlError
from milepost.adapters.sql.schema import SchemaError
from milepost.config import Milepost, SettingsError, from_environment
from milepost.domain.errors import DomainError
from milepost.ports.courses import AuthoringError, UnknownCourseError

# What an operator or an author can mend; everything else is a fault of ours, with a traceback.
_CLEAR = (
    SettingsError,
    DatabaseUrlError,
    SchemaError,
    UnknownCourseError,
    AuthoringError,
    DomainError,
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
    quiet = True
    """Whether only warnings are logged, for what a person waits for at a terminal."""
    settings: Milepost

    @default("description")
    def _description_default(self) -> str:
        return inspect.cleandoc(type(self).__doc__ or "")

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
        self._refuse_unknown()
        self.settings = Milepost(parent=self)
        level = self.settings.log_level
        logs.set_up("WARNING" if self.quiet and level == "INFO" else level)

    def start(self) -> None:
        """Do the work of this command or of the subcommand that was named."""
        if self.subapp is not None:
            self.subapp.start()
        else:
            self.work()

    def work(self) -> None:
        """Without a subcommand there is nothing to do but to say what there is.

        Raises SettingsError for a subcommand that there is not.
        """
        if self.extra_args:
            raise SettingsError(
                f"There is no command {self.extra_args[0]!r}; there are: "
                f"{', '.join(self.subcommands)}."
            )
        self.print_help()
        self.exit(1)

    def say(self, text: str) -> None:
        """Print a line for the person at the terminal."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def _refuse_unknown(self) -> None:
        """Refuse settings that nobody would read, such as misspelt ones."""
        known = {"Milepost": set(Milepost.class_traits(config=True))}
        for one in type(self).mro():
            if issubclass(one, Command):
                known[one.__name__] = set(one.class_traits(config=True))
        for section, values in self.config.items():
            given = [f"{section}.{name}" for name in values] if _is_section(values) else [section]
            for name in given:
                if name.partition(".")[2] not in known.get(section, set()):
                    raise SettingsError(f"There is no setting {name}; --help-all lists them all.")


def _is_section(values: object) -> bool:
    return isinstance(values, Config)


def run(application: type[Command], argv: list[str] | None = None) -> None:
    """Launch an application; what a person can mend ends it with a sentence and status 1."""
    try:
        application.launch_instance(argv)
    except _CLEAR as error:
        sys.exit(f"milepost: {error}")
    finally:
        logging.shutdown()

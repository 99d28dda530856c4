"""The commands for operators about submissions that could not be graded."""

from milepost.app.command import Command
from milepost.app.wiring import storage
from milepost.config import SettingsError
from milepost.usecases.dead_letters import DeadLetter, dead_letters, retry


class ListCommand(Command):
    """List the jobs that were set aside because they failed over and over."""

    name = "milepost-jobs-list"

    def work(self) -> None:
        """Print each, with the error of its last try."""
        deps = storage.make_deps(self.settings, alone=True)
        try:
            letters = dead_letters(deps)
        finally:
            storage.close(deps)
        for letter in letters:
            self.say(f"{_described(letter)}, after {letter.job.tries} tries:")
            for line in letter.job.error.strip().splitlines():
                self.say(f"    {line}")
        if not letters:
            self.say("No job was set aside.")


class RetryCommand(Command):
    """Try jobs again that were set aside: `milepost jobs retry ID …`."""

    name = "milepost-jobs-retry"

    def work(self) -> None:
        """Queue each again, and say so."""
        numbers = [_number(text) for text in self.extra_args]
        if not numbers:
            raise SettingsError("Name a job by its number, as `milepost jobs list` has it.")
        deps = storage.make_deps(self.settings, alone=True)
        try:
            for number in numbers:
                self.say(f"{_described(retry(deps, number))}: queued again.")
        finally:
            storage.close(deps)


class JobsCommand(Command):
    """See to submissions that could not be graded."""

    name = "milepost-jobs"
    subcommands = {  # noqa: RUF012 - as traitlets has it
        "list": (ListCommand, "list the jobs that were set aside"),
        "retry": (RetryCommand, "queue them again"),
    }


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SettingsError(f"{text!r} is not the number of a job.") from None


def _described(letter: DeadLetter) -> str:
    job, attempt = letter.job, letter.attempt
    if attempt is None:
        return f"job {job.id}  {job.kind} {job.payload}"
    return (
        f"job {job.id}  {attempt.username}  {attempt.course}/{attempt.project}, "
        f"submission {attempt.id}"
    )

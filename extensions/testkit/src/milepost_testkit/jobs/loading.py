"""Finding a name in the learner's module, and saying plainly when it is not there."""

import importlib
from pathlib import Path

from milepost_testkit.tracing import described_error


class MissingError(Exception):
    """The learner's files do not hold what the test asked for; the text says what is missing."""


def load(target: str, root: Path) -> object:
    """Import `package.module:name` from the learner's files below `root`.

    Raises MissingError: no such file, no such name, or the file raises while it is imported.
    """
    module_name, _, name = target.partition(":")
    file = f"{module_name.replace('.', '/')}.py"
    try:
        module = importlib.import_module(module_name)
    except BaseException as error:
        if isinstance(error, ModuleNotFoundError) and _is_part(error.name, module_name):
            raise MissingError(f"There is no file {file} (or it has another name).") from error
        trace = described_error(error, root)["trace"]
        raise MissingError(f"{file} cannot be imported:\n{trace}") from error
    if not hasattr(module, name):
        raise MissingError(f"{file} has no `{name}`.")
    found: object = getattr(module, name)
    return found


def _is_part(missing: str | None, module_name: str) -> bool:
    return missing is not None and f"{module_name}.".startswith(f"{missing}.")

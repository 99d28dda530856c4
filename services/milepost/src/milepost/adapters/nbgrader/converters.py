"""nbgrader's converters run as a library: errors come back as exceptions with their reasons."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nbgrader.converters import BaseConverter
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

_KEPT = 4000
"""How many characters of nbgrader's own words an error carries, from the end."""


class ConverterError(Exception):
    """nbgrader gave up; the message is what it logged as errors."""


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def convert(
    make: Callable[..., BaseConverter],
    config: Config,
    prepare: Callable[[BaseConverter], None] = lambda _: None,
) -> None:
    """Run a converter over what `config` selects. Raises ConverterError.

    Changes the working directory of the process while it runs, as nbgrader does: one at a time.
    `prepare` sees the converter before it starts.
    """
    errors = _Errors()
    log = logging.getLogger("milepost.nbgrader")
    log.addHandler(errors)
    try:
        converter = make(coursedir=CourseDirectory(config=config, log=log), config=config, log=log)
        prepare(converter)
        with _our_programs_first():
            converter.start()
    except (NbGraderException, SystemExit) as error:
        raise ConverterError("\n".join(errors.lines)[-_KEPT:] or str(error)) from error
    finally:
        log.removeHandler(errors)


@contextmanager
def _our_programs_first() -> Iterator[None]:
    """Let nbgrader find `alembic`, which it runs as a program, and put the path back after it.

    nbgrader's own `setenv` would leave the process without any path.
    """
    before = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = os.pathsep.join([f"{sys.prefix}/bin", before])
    try:
        yield
    finally:
        os.environ["PATH"] = before

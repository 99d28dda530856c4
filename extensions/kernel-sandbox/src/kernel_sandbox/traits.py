"""Traits whose default comes from an environment variable, and that explain a wrong value."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

from traitlets import Integer, TraitError

from .errors import LimitError
from .limits import parse_bytes

PREFIX = "KERNEL_SANDBOX_"

T = TypeVar("T")


class ByteCount(Integer):  # type: ignore[type-arg]
    """A number of bytes, also as text such as "512M"."""

    def validate(self, obj: Any, value: Any) -> Any:  # noqa: ANN401 - the base class's signature
        """Return the number of bytes. Raises TraitError."""
        return super().validate(obj, self.from_string(value) if isinstance(value, str) else value)

    def from_string(self, s: str) -> int:
        """Return the number of bytes that a command line says. Raises TraitError."""
        try:
            return parse_bytes(s)
        except LimitError as error:
            raise TraitError(str(error)) from error


def from_environment(name: str, default: T, convert: Callable[[str], T]) -> T:
    """Return KERNEL_SANDBOX_<name>, converted, or `default` where it is not set.

    Raises LimitError where it cannot be converted.
    """
    text = os.environ.get(PREFIX + name)
    if text is None:
        return default
    try:
        return convert(text)
    except ValueError as error:
        raise LimitError(f"The environment variable {PREFIX}{name} is wrong: {error}") from error

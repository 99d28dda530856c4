"""Reading one value from the environment, with an error that says what it may be."""

from collections.abc import Mapping
from typing import TypeVar

from milepost_hub.errors import SetupError

Word = TypeVar("Word", bound=str)
HIGHEST_PORT = 65535
PORTS_AFTER_THE_FIRST = 4


def choice(env: Mapping[str, str], name: str, default: Word, allowed: tuple[Word, ...]) -> Word:
    """Read one of the allowed words."""
    given = env.get(name) or default
    for word in allowed:
        if word == given:
            return word
    raise SetupError(f"{name} is {given!r}, but it has to be one of: {', '.join(allowed)}.")


def flag(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Read a yes or a no, in the usual spellings."""
    given = env.get(name, "").strip().lower()
    if not given:
        return default
    if given in {"1", "true", "yes", "on"}:
        return True
    if given in {"0", "false", "no", "off"}:
        return False
    raise SetupError(f"{name} is {given!r}, but it has to be true or false.")


def names(env: Mapping[str, str], name: str) -> frozenset[str]:
    """Read names between commas, in lower case as the Hub keeps them."""
    return frozenset(part.strip().lower() for part in env.get(name, "").split(",") if part.strip())


def port(env: Mapping[str, str], name: str, default: int) -> int:
    """Read the first of five ports in a row."""
    given = env.get(name) or str(default)
    highest = HIGHEST_PORT - PORTS_AFTER_THE_FIRST
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= highest:
        raise SetupError(f"{name} is {given!r}, but it has to be a number from 1 to {highest}.")
    return int(given)


def positive(env: Mapping[str, str], name: str, default: float) -> float:
    """Read a number above zero."""
    given = env.get(name) or str(default)
    try:
        number = float(given)
    except ValueError:
        number = 0
    if not 0 < number < float("inf"):
        raise SetupError(f"{name} is {given!r}, but it has to be a number above zero.")
    return number

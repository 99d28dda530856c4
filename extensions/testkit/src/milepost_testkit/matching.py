"""Comparing JSON with what a test expects of it, and saying where the two differ."""

from collections.abc import Mapping
from dataclasses import dataclass

from .plain import Json, shown

MAX_DIFFERENCES = 5


@dataclass(frozen=True)
class Kind:
    """Stands in an expectation for any value of some JSON types."""

    name: str
    types: tuple[type, ...]

    def describe(self) -> str:
        """Say what is expected, for a message."""
        return self.name

    def differences(self, actual: Json, where: str) -> list[str]:
        """Return nothing where `actual` is of this kind, else one sentence."""
        if type(actual) in self.types:
            return []
        return [_differs(where, self.name, actual)]


@dataclass(frozen=True)
class Subset:
    """Stands for an object that has at least these members."""

    members: Mapping[str, object]

    def describe(self) -> str:
        """Say what is expected, for a message."""
        return f"at least {described(self.members)}"

    def differences(self, actual: Json, where: str) -> list[str]:
        """Return a sentence for each member that is missing or differs."""
        if type(actual) is not dict:
            return [_differs(where, "an object {…}", actual)]
        return _member_differences(self.members, actual, where)


@dataclass(frozen=True)
class Containing:
    """Stands for a text that contains another one, whatever the case of its letters."""

    part: str

    def describe(self) -> str:
        """Say what is expected, for a message."""
        return f"a text with {shown(self.part)} in it"

    def differences(self, actual: Json, where: str) -> list[str]:
        """Return nothing where the text contains the part, else one sentence."""
        if isinstance(actual, str) and self.part.lower() in actual.lower():
            return []
        return [_differs(where, self.describe(), actual)]


any_int = Kind("a whole number", (int,))
any_str = Kind("a text", (str,))
any_list = Kind("a list", (list,))


def subset(**members: object) -> Subset:
    """Expect an object with at least these members."""
    return Subset(members)


def containing(part: str) -> Containing:
    """Expect a text with `part` in it."""
    return Containing(part)


def differences(expected: object, actual: Json, where: str = "") -> list[str]:
    """Say in which places `actual` is not what was expected; an empty list is a match.

    `expected` is plain data in which matchers may stand. Numbers compare by value, but
    true and false are never numbers.
    """
    if isinstance(expected, Kind | Subset | Containing):
        return expected.differences(actual, where)
    if isinstance(expected, Mapping):
        return _object_differences(expected, actual, where)
    if isinstance(expected, list | tuple):
        return _list_differences(list(expected), actual, where)
    if expected == actual and isinstance(expected, bool) == isinstance(actual, bool):
        return []
    return [_differs(where, shown(expected), actual)]


def described(expected: object) -> str:
    """Write an expectation as JSON, each matcher in its own words."""
    if isinstance(expected, Kind | Subset | Containing):
        return f"<{expected.describe()}>"
    if isinstance(expected, Mapping):
        inner = ", ".join(f"{shown(key)}: {described(value)}" for key, value in expected.items())
        return f"{{{inner}}}"
    if isinstance(expected, list | tuple):
        return f"[{', '.join(described(item) for item in expected)}]"
    return shown(expected)


def _object_differences(expected: Mapping[str, object], actual: Json, where: str) -> list[str]:
    if type(actual) is not dict:
        return [_differs(where, "an object {…}", actual)]
    found = _member_differences(expected, actual, where)
    found += [
        f"{_place(_joined(where, key))}should not be there" for key in actual if key not in expected
    ]
    return found[:MAX_DIFFERENCES]


def _member_differences(
    expected: Mapping[str, object], actual: dict[str, Json], where: str
) -> list[str]:
    found: list[str] = []
    for key, value in expected.items():
        place = _joined(where, key)
        if key in actual:
            found += differences(value, actual[key], place)
        else:
            found.append(f"{_place(place)}is missing, expected {described(value)}")
    return found[:MAX_DIFFERENCES]


def _list_differences(expected: list[object], actual: Json, where: str) -> list[str]:
    if type(actual) is not list:
        return [_differs(where, "a list […]", actual)]
    if len(expected) != len(actual):
        count = f"a list of {len(expected)}"
        return [f"{_place(where)}expected {count}, got a list of {len(actual)}"]
    found: list[str] = []
    for index, (wanted, got) in enumerate(zip(expected, actual, strict=True)):
        found += differences(wanted, got, f"{where}[{index}]")
    return found[:MAX_DIFFERENCES]


def _joined(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _place(where: str) -> str:
    return f"{where}: " if where else ""


def _differs(where: str, expected: str, actual: Json) -> str:
    return f"{_place(where)}expected {expected}, got {shown(actual, 200)}"

"""Names that come from outside and become part of a path or an address."""

import re

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_USERNAME = re.compile(r"[^\W_][\w.@~:-]{0,254}", re.ASCII)


class NameRefusedError(ValueError):
    """A name may not be used in a path. The message says why, for people."""


def course_name(name: str) -> str:
    """Return the course's name if it is safe in paths. Raises NameRefusedError."""
    return _checked(name, _SLUG, "course")


def project_name(name: str) -> str:
    """Return the project's name if it is safe in paths. Raises NameRefusedError."""
    return _checked(name, _SLUG, "project")


def user_name(name: str) -> str:
    """Return the user's name if it is safe as a folder. Raises NameRefusedError."""
    return _checked(name, _USERNAME, "user")


def _checked(name: str, pattern: re.Pattern[str], kind: str) -> str:
    if pattern.fullmatch(name) is None or ".." in name:
        raise NameRefusedError(
            f"{name[:120]!a} is not the name of a {kind}: names consist of letters, digits, "
            "'.', '_' and '-', and begin with a letter or digit."
        )
    return name

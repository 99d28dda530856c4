"""Plain data: the only thing that crosses between a test and the learner's code."""

import json
import math
from typing import TypeAlias, cast

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAX_DEPTH = 60
SHOWN_CHARACTERS = 600
SHOWN_LINES = 12


class NotPlainError(Exception):
    """A value that JSON cannot carry as it is.

    `kind` names what was found ("a Foo"), `where` says at which place of the value
    ("" for the value itself, else for example `items[2]`).
    """

    def __init__(self, kind: str, where: str) -> None:
        super().__init__(f"{kind} at {where}" if where else kind)
        self.kind = kind
        self.where = where


def plain(value: object, where: str = "", depth: int = 0) -> Json:
    """Return a copy of `value` made of fresh dicts, lists and scalars; tuples become lists.

    Types are compared exactly, so that an object of a subclass (which may compare equal to
    everything) is refused. Raises NotPlainError.
    """
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return cast("Json", value)
    if kind is float:
        return _finite(cast("float", value), where)
    if depth > MAX_DEPTH:
        raise NotPlainError(f"data nested more than {MAX_DEPTH} levels deep", where)
    if kind is list or kind is tuple:
        items = enumerate(cast("list[object]", value))
        return [plain(item, f"{where}[{index}]", depth + 1) for index, item in items]
    if kind is dict:
        return _plain_dict(cast("dict[object, object]", value), where, depth)
    raise NotPlainError(_with_article(kind.__name__), where)


def _finite(value: float, where: str) -> float:
    if math.isfinite(value):
        return value
    raise NotPlainError(f"the number {value}", where)


def _plain_dict(value: dict[object, object], where: str, depth: int) -> dict[str, Json]:
    copy: dict[str, Json] = {}
    for key, item in value.items():
        if type(key) is not str:
            raise NotPlainError(f"a dict with {_with_article(type(key).__name__)} key", where)
        copy[key] = plain(item, f"{where}.{key}" if where else key, depth + 1)
    return copy


def _with_article(name: str) -> str:
    return f"{'an' if name[0].lower() in 'aeio' else 'a'} {name}"


def shown(value: object, limit: int = SHOWN_CHARACTERS) -> str:
    """Write a plain value as JSON for a message, cut at `limit` characters."""
    return shortened(json.dumps(value, ensure_ascii=False), limit)


def shortened(text: str, limit: int = SHOWN_CHARACTERS) -> str:
    """Cut `text` at `limit` characters and SHOWN_LINES lines, saying how much is missing."""
    lines = text[:limit].splitlines()
    cut = "\n".join(lines[:SHOWN_LINES])
    missing = len(text) - len(cut)
    return f"{cut} … ({missing} more characters)" if missing > 1 else cut

"""A stretch of a list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some items of a list; `next` is the id to go on after, None at the end of the list."""

    items: Sequence[Item]
    next: int | None


def first_page(items: Sequence[Item], limit: int, id_of: Callable[[Item], int]) -> Page[Item]:
    """Return the first `limit` items of a list that was read one item further, where there is."""
    shown = items[:limit]
    return Page(shown, id_of(shown[-1]) if shown and len(items) > limit else None)

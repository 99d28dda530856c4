"""Parts that many documents share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

LARGEST_ID = 10**18
"""Ids stay well below what a database's 64-bit integer holds."""

Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A line of text, without control characters."""

Cursor = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")]
"""Where a list goes on; to be taken from `next` and sent back as it is."""


class Asked(BaseModel):
    """Something a client sends: nothing that is not known is let in."""

    model_config = ConfigDict(extra="forbid")


class Paging(Asked):
    """Which part of a list."""

    limit: int = Field(50, ge=1, le=200, description="How many items at most.")
    cursor: Cursor | None = Field(None, description="The `next` of the part before.")

    @property
    def last_seen(self) -> int | None:
        """The id that the cursor stands for."""
        return None if self.cursor is None else int(self.cursor)


def cursor_of(last_seen: int | None) -> str | None:
    """Return an id as a cursor."""
    return None if last_seen is None else str(last_seen)

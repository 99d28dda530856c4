"""The event stream's parts."""

import json

from pydantic import Field

from milepost.domain.events import Event
from milepost.web.schemas.common import LARGEST_ID, Asked


class EventQuery(Asked):
    """Where to begin. A Last-Event-ID header goes before; without both, only what is to come."""

    after: int | None = Field(None, ge=0, le=LARGEST_ID, description="The last event seen.")


def frame(event: Event) -> str:
    """Return an event as the text/event-stream format has it (WHATWG HTML, 9.2)."""
    data = {"at": event.at.isoformat().replace("+00:00", "Z"), **event.data}
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return f"id: {event.id}\nevent: {event.kind.value}\ndata: {text}\n\n"

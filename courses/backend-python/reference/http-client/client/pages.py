"""Lists that the weather service gives in pages."""

import httpx

from client.errors import ServiceError
from client.fetch import get_json


def all_items(url):
    """Return the items of all pages of the list at `url`."""
    items = []
    seen = set()
    page = get_json(url)
    while True:
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items
        if cursor in seen:
            raise ServiceError(f"The service gave the cursor {cursor} twice")
        seen.add(cursor)
        page = get_json(str(httpx.URL(url).copy_merge_params({"cursor": cursor})))

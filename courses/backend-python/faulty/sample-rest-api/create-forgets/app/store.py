"""The store: where the tools are kept. They live in memory, until the server stops."""


class ToolStore:
    """All tools, by their id."""

    def __init__(self):
        # The three tools that are there from the start. The checks know them.
        self._tools = {
            1: {
                "id": 1,
                "name": "Spade",
                "category": "garden",
                "deposit": 5.0,
                "notes": "A bit rusty",
            },
            2: {"id": 2, "name": "Drill", "category": "workshop", "deposit": 40.0, "notes": ""},
            3: {"id": 3, "name": "Cake tin", "category": "kitchen", "deposit": 2.5, "notes": ""},
        }

    def all(self):
        """Return all tools as a list."""
        return list(self._tools.values())

    def get(self, tool_id):
        """Return a tool, or None."""
        return self._tools.get(tool_id)

    def add(self, fields):
        """Keep a new tool under the next free id, and return it."""
        tool_id = max(self._tools, default=0) + 1
        return {"id": tool_id, **fields}

    def update(self, tool_id, fields):
        """Set some fields of a tool and return it, or None."""
        if tool_id not in self._tools:
            return None
        self._tools[tool_id].update(fields)
        return self._tools[tool_id]

    def remove(self, tool_id):
        """Remove a tool and return it, or None."""
        return self._tools.pop(tool_id, None)

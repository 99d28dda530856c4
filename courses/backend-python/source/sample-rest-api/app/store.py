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

    # Write the other methods below.

"""The models: which data we accept."""

from pydantic import BaseModel


class NewTool(BaseModel):
    """A tool as a client sends it. It has no id: the store gives it one."""

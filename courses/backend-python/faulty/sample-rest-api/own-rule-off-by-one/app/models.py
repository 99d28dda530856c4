"""The models: which data we accept."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(min_length=1, max_length=60)]
Category = Literal["garden", "kitchen", "workshop"]
Deposit = Annotated[float, Field(ge=0, le=1000)]


class NewTool(BaseModel):
    """A tool as a client sends it. It has no id: the store gives it one."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="forbid")

    name: Name
    category: Category
    deposit: Deposit
    notes: str = ""

    @model_validator(mode="after")
    def workshop_tools_need_a_deposit(self):
        if self.category == "workshop" and self.deposit <= 20:
            raise ValueError("A workshop tool needs a deposit of at least 20")
        return self


class ToolChange(BaseModel):
    """The fields of a tool that shall change."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="forbid")

    name: Name = "unchanged"
    category: Category = "garden"
    deposit: Deposit = 0
    notes: str = ""

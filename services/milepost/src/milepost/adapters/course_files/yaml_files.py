"""YAML read into a model, with every fault of it reported by field."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from milepost.ports.courses import AuthoringError, Problem

Model = TypeVar("Model", bound=BaseModel)


def read_yaml(path: Path, name: str, model: type[Model]) -> Model:
    """Read a file into `model`; `name` is how messages call the file. Raises AuthoringError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AuthoringError([Problem(name, "", f"cannot be read: {error}.")]) from error
    return parse_yaml(text, name, model)


def parse_yaml(text: str, name: str, model: type[Model]) -> Model:
    """Parse text into `model`. Raises AuthoringError with one problem a field."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark is not None else ""
        reason = getattr(error, "problem", None) or str(error)
        raise AuthoringError([Problem(name, where, f"is not YAML: {reason}.")]) from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise AuthoringError(
            [
                Problem(name, ".".join(str(part) for part in one["loc"]), f"{one['msg']}.")
                for one in error.errors()
            ]
        ) from error

"""The API's own description."""

from typing import Any

from pydantic import RootModel

from milepost.web.api.handler import ApiHandler
from milepost.web.operation import operation


class OpenApiDocument(RootModel[dict[str, Any]]):
    """An OpenAPI 3.1 document."""


class OpenApiHandler(ApiHandler):
    """/openapi.json."""

    @operation("This description", response=OpenApiDocument, public=True)
    def get(self) -> OpenApiDocument:
        """Return the document, built once when the process starts."""
        document: dict[str, Any] = self.settings["openapi"]
        return OpenApiDocument(document)

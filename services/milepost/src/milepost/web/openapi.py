"""The OpenAPI 3.1 document, built from the same declarations that the handlers run by."""

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from milepost.web.api.handler import JSON, ApiHandler
from milepost.web.operation import ARCHIVE, Operation, declared_on
from milepost.web.problems import MEDIA_TYPE, Problem
from milepost.web.routes import PARTS

METHODS = ("get", "put", "post", "delete")
_REF = "#/components/schemas/{model}"
_UNSAFE = {"put", "post", "delete"}
_ARCHIVE_SCHEMA = {"type": "string", "contentMediaType": ARCHIVE}


def document(routes: Mapping[str, type[ApiHandler]], servers: list[str]) -> dict[str, Any]:
    """Return the description of `routes` as they stand below each of `servers`."""
    refs, schemas = _schemas(routes)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Milepost",
            "version": version("milepost"),
            "description": "Courses, projects, attempts and progress. Errors are problem "
            "documents (RFC 9457), lists are paged by cursor, instants are UTC.",
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        "servers": [{"url": url} for url in servers],
        "paths": {path: _path(path, handler, refs) for path, handler in routes.items()},
        "components": {"schemas": schemas, "securitySchemes": _SECURITY},
    }


_SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A JupyterHub token; `Authorization: token …` does as well.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "service-milepost",
        "description": "The Hub's sign-in. Browsers also send X-XSRFToken.",
    },
}

_Models = dict[tuple[type[BaseModel], JsonSchemaMode], dict[str, Any]]


def _operations(
    routes: Mapping[str, type[ApiHandler]],
) -> Iterator[Operation]:
    for handler in routes.values():
        for method in METHODS:
            declared = declared_on(getattr(handler, method, None))
            if declared is not None:
                yield declared


def _schemas(routes: Mapping[str, type[ApiHandler]]) -> tuple[_Models, dict[str, Any]]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "serialization"): None}
    for declared in _operations(routes):
        for model, mode in ((declared.response, "serialization"), (declared.body, "validation")):
            if isinstance(model, type):
                wanted[model, mode] = None  # type: ignore[index]
    refs, definitions = models_json_schema(list(wanted), ref_template=_REF)
    return refs, definitions["$defs"]  # type: ignore[return-value]


def _path(path: str, handler: type[ApiHandler], refs: _Models) -> dict[str, Any]:
    found: dict[str, Any] = {"parameters": [_part(name) for name in re.findall(r"\{(\w+)\}", path)]}
    for method in METHODS:
        declared = declared_on(getattr(handler, method, None))
        if declared is not None:
            found[method] = _operation(path, method, declared, refs)
    return found


def _part(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "pattern": f"^{PARTS[name]}$"}
    if name.endswith("id"):
        schema = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _operation(path: str, method: str, declared: Operation, refs: _Models) -> dict[str, Any]:
    words = [word for word in re.split(r"\W+", path) if word and word not in PARTS]
    found: dict[str, Any] = {
        "operationId": "_".join([method, *words, *re.findall(r"\{(\w+)\}", path)]),
        "summary": declared.summary,
        "security": [] if declared.public else [{"token": []}, {"cookie": []}],
        "parameters": [*_query(declared), *_headers(method, declared)],
        "responses": _responses(method, declared, refs),
    }
    if declared.body is not None:
        found["requestBody"] = {"required": True, "content": _content(declared.body, refs, "in")}
    return found


def _query(declared: Operation) -> list[dict[str, Any]]:
    if declared.query is None:
        return []
    schema = declared.query.model_json_schema(ref_template=_REF)
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", []),
            "description": part.pop("description", ""),
            "schema": part,
        }
        for name, part in schema["properties"].items()
    ]


def _headers(method: str, declared: Operation) -> list[dict[str, Any]]:
    required = [(name, method in _UNSAFE) for name in declared.headers]
    if method in _UNSAFE:
        required.append(("X-XSRFToken", False))
    return [
        {"name": name, "in": "header", "required": needed, "schema": {"type": "string"}}
        for name, needed in required
    ]


def _responses(method: str, declared: Operation, refs: _Models) -> dict[str, Any]:
    good: dict[str, Any] = {"description": declared.status.phrase}
    if declared.response is not None:
        good["content"] = _content(declared.response, refs, "out")
    answers = {str(int(declared.status)): good}
    if declared.status is HTTPStatus.ACCEPTED:
        answers["200"] = {**good, "description": "Taken in before"}
    if declared.response == ARCHIVE and method == "get":
        answers["304"] = {"description": "The client has it already"}
    problem = {MEDIA_TYPE: {"schema": refs[Problem, "serialization"]}}
    for status in sorted(_errors(method, declared)):
        answers[str(int(status))] = {"description": status.phrase, "content": problem}
    return answers


def _errors(method: str, declared: Operation) -> set[HTTPStatus]:
    found = set(declared.errors)
    if not declared.public:
        found |= {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE}
    if declared.query is not None or declared.body is not None:
        found |= {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
    if method in _UNSAFE:
        found |= {HTTPStatus.REQUEST_ENTITY_TOO_LARGE}
    if declared.body is not None:
        found |= {HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
    return found


def _content(model: type[BaseModel] | str, refs: _Models, way: str) -> dict[str, Any]:
    if isinstance(model, type):
        schema = refs[model, "serialization" if way == "out" else "validation"]
        return {JSON: {"schema": schema}}
    return {model: {"schema": _ARCHIVE_SCHEMA if model == ARCHIVE else {"type": "string"}}}

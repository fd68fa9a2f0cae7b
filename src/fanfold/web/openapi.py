"""The OpenAPI document: what FastAPI collects, with our error model and names.

`python -m fanfold.web.openapi` prints it. The UI's client is generated from it.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from fanfold.web.problem import MEDIA_TYPE, ProblemDetails

_METHODS = {"get", "put", "post", "delete", "patch"}
_PROBLEM = {
    "description": "Why the request was refused",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
}
_OPEN_PATHS = ("/auth/login", "/auth/link", "/auth/token", "/auth/logout", "/health")
_SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token from `POST /auth/token`."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "fanfold_session",
        "description": "The browser's session; unsafe methods also need the header `X-CSRF-Token`.",
    },
}


def operation_id(route: APIRoute) -> str:
    """Return the operation's id: the function's name in camel case, verb first, e.g. `listJobs`."""
    verb, *rest = route.name.split("_")
    # What a server shows, a client gets.
    verb = "get" if verb == "show" else verb
    return verb + "".join(word.capitalize() for word in rest)


class DescribedApp(FastAPI):
    """An application that answers with our document, made once."""

    def openapi(self) -> dict[str, Any]:
        """Return the document."""
        if self.openapi_schema is None:
            self.openapi_schema = _document(self)
        return self.openapi_schema


def render(document: dict[str, Any]) -> str:
    """Return the document as text that differs only where the API does."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    components: dict[str, Any] = document.setdefault("components", {})
    schemas: dict[str, Any] = components.setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    problem = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {}) | {"ProblemDetails": problem}
    components["securitySchemes"] = _SECURITY_SCHEMES
    document["security"] = [{name: []} for name in _SECURITY_SCHEMES]
    for path, item in document["paths"].items():
        for method in _METHODS & item.keys():
            _complete(item[method], is_open=path.startswith(_OPEN_PATHS))
    return document


def _complete(operation: dict[str, Any], *, is_open: bool) -> None:
    # FastAPI announces 422 for what we answer with 400.
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = _PROBLEM
    if is_open:
        operation["security"] = []


def main() -> None:
    """Print the document of this version."""
    from fanfold.web.app import build_app  # noqa: PLC0415 -- the application imports this module

    sys.stdout.write(render(build_app().openapi()))


if __name__ == "__main__":
    main()

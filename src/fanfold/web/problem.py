"""Errors on the wire: RFC 9457 problem details with a stable `code`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

import orjson
from fastapi import Request, Response
from pydantic import BaseModel, Field

from fanfold.sdk.errors import Problem

MEDIA_TYPE = "application/problem+json"


class PointedError(BaseModel):
    """One thing that is wrong with the request."""

    pointer: Annotated[
        str, Field(description="JSON pointer (RFC 6901) into the request", examples=["/instance_ids/3"])
    ]
    message: str


class ProblemDetails(BaseModel):
    """Why a request was refused (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: Annotated[str, Field(description="a sentence for the user")]
    instance: Annotated[str, Field(description="this occurrence; quote it to whoever runs the server")]
    code: Annotated[str, Field(description="stable, for programs")]
    errors: list[PointedError] | None = None


def problem_response(
    request: Request,
    status: int,
    *,
    code: str,
    detail: str,
    errors: Sequence[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer that tells what went wrong."""
    body: dict[str, Any] = {
        "type": f"urn:fanfold:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": f"urn:uuid:{request.scope.get('request_id', '')}",
        "code": code,
    }
    if errors:
        body["errors"] = [{"pointer": error.pointer, "message": error.message} for error in errors]
    return Response(orjson.dumps(body), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)

"""Answers with AMC's media types and support headers, bodies read with AMC's refusals, lists in pages."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from amcsim.errors import BadRequest

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
MAX_PAGE = 100


def vendor(noun: str) -> str:
    """Return the media type of *noun*, such as `amcworkflows`."""
    return f"application/vnd.{noun}.v1+json"


def answer(
    body: object, *, status: int = 200, media: str = "application/json", headers: dict[str, str] | None = None
) -> Response:
    """Return *body* as JSON with the request ids that AMC sends."""
    request_id = uuid.uuid4().hex[:20].upper()
    support = {"x-amz-rid": request_id, "x-amz-request-id": request_id}
    return Response(json.dumps(body), status_code=status, media_type=media, headers=support | (headers or {}))


def refusal(status: int, details: str, *, headers: dict[str, str] | None = None) -> Response:
    """Return AMC's error body; its code is the status as a string."""
    return answer({"code": str(status), "details": details}, status=status, headers=headers)


async def read_body(request: Request, model: type[M]) -> M:
    """Return the body as *model*; raises BadRequest with the first thing that is wrong."""
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadRequest(f"{place}: {first['msg']}" if place else str(first["msg"])) from error


def page_of(request: Request, things: Sequence[T], *, name: str, show: Callable[[T], Any]) -> dict[str, Any]:
    """Return one page of *things* under *name*, with `nextToken` while there are more."""
    start = _offset(request.query_params.get("nextToken"))
    limit = _limit(request.query_params.get("limit"))
    body: dict[str, Any] = {name: [show(thing) for thing in things[start : start + limit]]}
    if start + limit < len(things):
        body["nextToken"] = base64.urlsafe_b64encode(f"offset:{start + limit}".encode()).decode()
    return body


def flag(request: Request, name: str) -> bool:
    """Return a boolean query parameter, false when absent; raises BadRequest."""
    text = request.query_params.get(name, "false").lower()
    if text not in {"true", "false"}:
        raise BadRequest(f"Invalid value for {name}: expected true or false")
    return text == "true"


def _limit(text: str | None) -> int:
    if text is None:
        return MAX_PAGE
    if not text.isdecimal() or not 1 <= int(text) <= MAX_PAGE:
        raise BadRequest(f"Invalid limit '{text}': expected 1 to {MAX_PAGE}")
    return int(text)


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise BadRequest("Invalid nextToken") from error
    if word != "offset" or not number.isdecimal():
        raise BadRequest("Invalid nextToken")
    return int(number)

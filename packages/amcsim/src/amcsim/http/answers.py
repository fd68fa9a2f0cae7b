"""Answers with AMC's media types and support headers, bodies read with AMC's refusals, lists in pages."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from amcsim.errors import BadRequest
from amcsim.simulation import Simulation

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
MAX_PAGE = 100
JSON = "application/json"


def vendor(noun: str) -> str:
    """Return the media type of *noun*, such as `amcworkflows`."""
    return f"application/vnd.{noun}.v1+json"


ACCOUNTS = vendor("amcaudiencesconnections")
"""The media type of the list of accounts, whose errors have the gateway's body (AMC administration API)."""
MEMBERS = vendor("amcaudiences")
"""The media type of audiences of an advertiser's own people, whose errors are a message alone."""
AUDIENCES = (vendor("amcquerybasedaudience"), vendor("amclookalikeaudience"))
"""The media types of audiences that a query makes, whose errors name the request too."""


def answer(body: object, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return *body* as JSON with the request ids that AMC sends; the operation adds its media type."""
    content = {"Content-Type": JSON, **_support(), **(headers or {})}
    return Response(json.dumps(body), status_code=status, headers=content)


def emptied() -> Response:
    """Return the answer of a delete that says nothing."""
    return Response(status_code=204, headers=_support())


def refusal(
    status: int,
    details: str,
    *,
    headers: dict[str, str] | None = None,
    shape: Literal["amc", "gateway", "html", "audience", "message"] = "amc",
) -> Response:
    """Return an error: AMC's body, whose code is the status as a string, the body of the gateway before it,
    or the page of a machine that knows neither.
    """
    if shape == "html":
        page = f"<html><head><title>{status}</title></head><body><h1>{escape(details)}</h1></body></html>"
        return Response(page, status_code=status, media_type="text/html", headers=headers)
    support = _support()
    named = {"requestId": support["x-amz-request-id"]}
    body = {
        "amc": {"code": str(status), "details": details},
        "audience": {"code": str(status), "details": details, **named},
        "gateway": {"message": details, **named},
        "message": {"message": details},
    }[shape]
    return answer(body, status=status, headers=support | (headers or {}))


def single(simulation: Simulation, shown: dict[str, Any], *, name: str) -> dict[str, Any]:
    """Return one item as recorded answers show it, or under *name* where bodies are to be wrapped."""
    return {name: shown} if simulation.config.wrapped_bodies else shown


async def read_body(simulation: Simulation, request: Request, *, model: type[M]) -> M:
    """Return the body as *model*; raises BadRequest with the first thing that is wrong."""
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        text = f"{place}: {first['msg']}" if place else str(first["msg"])
        # what is no JSON is a bad request whatever the status of wrong fields is
        status = 400 if first["type"] == "json_invalid" else simulation.config.api.invalid_status
        raise BadRequest(text, status=status) from error


def page_of(
    simulation: Simulation,
    request: Request,
    *,
    things: Sequence[T],
    name: str,
    show: Callable[[T], Any],
    limit: str = "limit",
    carried: str = "",
) -> dict[str, Any]:
    """Return one page of *things* under *name*, with `nextToken` while there are more; *limit* is how the
    operation calls its length, *carried* what the token says besides.
    """
    start, _ = _read_token(request.query_params.get("nextToken"))
    length = _limit(request.query_params.get(limit))
    body: dict[str, Any] = {name: [show(thing) for thing in things[start : start + length]]}
    if start + length < len(things):
        body["nextToken"] = base64.urlsafe_b64encode(f"offset:{start + length}:{carried}".encode()).decode()
    elif simulation.config.api.last_page == "null":
        body["nextToken"] = None
    return body


def _support() -> dict[str, str]:
    request_id = uuid.uuid4().hex[:20].upper()
    return {"x-amz-rid": request_id, "x-amz-request-id": request_id}


def carried_by(token: str | None) -> str:
    """Return what a `nextToken` says besides its place; raises BadRequest."""
    return _read_token(token)[1]


def flag(query: Mapping[str, str], name: str) -> bool:
    """Return a boolean query parameter, false when absent; raises BadRequest."""
    text = query.get(name, "false").lower()
    if text not in {"true", "false"}:
        raise BadRequest(f"Invalid value for {name}: expected true or false")
    return text == "true"


def _limit(text: str | None) -> int:
    if text is None:
        return MAX_PAGE
    if not text.isdecimal() or not 1 <= int(text) <= MAX_PAGE:
        raise BadRequest(f"Invalid limit '{text}': expected 1 to {MAX_PAGE}")
    return int(text)


def _read_token(token: str | None) -> tuple[int, str]:
    if not token:
        return 0, ""
    try:
        word, number, carried = base64.urlsafe_b64decode(token.encode()).decode().split(":", 2)
    except (binascii.Error, ValueError) as error:
        raise BadRequest("Invalid nextToken") from error
    if word != "offset" or not number.isdecimal():
        raise BadRequest("Invalid nextToken")
    return int(number), carried

"""Turns what AMC answers into the failure families; texts for users carry no secret and no stack.

AMC's own error body is `{"code": "400", "details": "…"}`; its gateway answers with `message` and others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, TypeVar, cast

import httpx

from fanfold.sdk.errors import Cause, Failure, Permanent, TargetUnavailable, Throttled

Failed = TypeVar("Failed", bound=Failure)

_TEXT_FIELDS = ("message", "statusReason", "details", "messageSubject", "error_description", "error")
_TEXT_LIMIT = 500
_TAG = re.compile(r"<[^>]+>")

_ENTITY = (
    "Check the instance's AMC account id (ENTITY…): it must be the entity that owns the instance, "
    "and the login must have access to it."
)
_SQL = "AMC could not compile the query: check its SQL and its declared parameters."

_HINTS_BY_WORDS = {
    "terms and conditions": "Accept the terms and conditions for this instance in the AMC console first.",
    "entityid": _ENTITY,
    "unable to compile": _SQL,
    "sql query was invalid": _SQL,
}
_HINTS_BY_STATUS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "The login may be revoked or lack access: authorise it again at Amazon.",
    HTTPStatus.FORBIDDEN: _ENTITY,
    HTTPStatus.NOT_FOUND: "Check the instance id and its marketplace id: a wrong marketplace gives 404 too.",
    HTTPStatus.GONE: "This address belongs to the retired per-instance API; use the region's host.",
}


NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)
"""A call that ends so has not reached anybody."""


class NotThere(Permanent):
    """AMC knows nothing under this id."""


def failure_of(response: httpx.Response, *, step: str, throttle_key: str, now: datetime) -> Failure:
    """Return the failure that *response* means; *step* completes "AMC refused to …"."""
    status, text = response.status_code, error_text(response)
    failure = _failure(response, text, step=step, throttle_key=throttle_key, now=now)
    return told(failure, _cause(status, text), response=response)


def told(failure: Failed, cause: Cause, *, response: httpx.Response | None = None) -> Failed:
    """Return *failure* with its cause, and the id of the call that *response* answered."""
    failure.cause = cause
    failure.request_id = request_id(response) if response is not None else None
    return failure


def _failure(response: httpx.Response, text: str, *, step: str, throttle_key: str, now: datetime) -> Failure:
    status, detail = response.status_code, f": {text}" if text else ""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(
            f"AMC asked for a pause when asked to {step}.",
            key=throttle_key,
            after=retry_after(response.headers, now=now),
            hint=_with_request_id("Nothing to do: the work goes on by itself.", response),
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return TargetUnavailable(
            f"AMC failed when asked to {step} ({status}){detail}",
            hint=_with_request_id("Amazon's side is at fault; it is tried again.", response),
            after=retry_after(response.headers, now=now),
        )
    family = NotThere if status == HTTPStatus.NOT_FOUND else Permanent
    return family(
        f"AMC refused to {step} ({status}){detail}", hint=_with_request_id(_hint(status, text), response)
    )


def unreachable(error: httpx.HTTPError, *, step: str) -> TargetUnavailable:
    """Return the failure that a broken or refused connection means."""
    failure = TargetUnavailable(
        f"AMC did not answer when asked to {step} ({type(error).__name__}).",
        hint="Check that this worker can reach the AMC host; it is tried again.",
        reached=not isinstance(error, NEVER_SENT),
    )
    return told(failure, Cause.TIMEOUT if isinstance(error, httpx.ReadTimeout) else Cause.UNREACHABLE)


def never_asked(step: str) -> TargetUnavailable:
    """Return the failure of a call that could not be sent while it was allowed to be."""
    return TargetUnavailable(
        f"AMC was not asked to {step}: no connection was ready in time.",
        hint="Nothing was sent; it is tried again.",
        reached=False,
    )


def malformed(response: httpx.Response, *, step: str) -> TargetUnavailable:
    """Return the failure that an answer which is no JSON object means."""
    failure = TargetUnavailable(
        f"AMC's answer could not be read when asked to {step}.",
        hint=_with_request_id("Amazon's side is at fault; it is tried again.", response),
    )
    return told(failure, Cause.REMOTE_FAULT, response=response)


def error_text(response: httpx.Response) -> str:
    """Return what the body says went wrong, in one line of bounded length; empty when it says nothing."""
    try:
        body: Any = response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return _one_line(_TAG.sub(" ", response.text))
    if isinstance(body, Mapping):
        fields = cast("Mapping[str, Any]", body)
        texts = (fields.get(field) for field in _TEXT_FIELDS)
        return _one_line(next((text for text in texts if isinstance(text, str) and text), ""))
    return _one_line(str(body)) if isinstance(body, str) else ""


def retry_after(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """Return the pause named by a `Retry-After` header (RFC 9110: seconds or a date), None without one."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return timedelta(seconds=int(value))
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(timedelta(), moment.replace(tzinfo=moment.tzinfo or UTC) - now)


def request_id(response: httpx.Response) -> str | None:
    """Return the id by which Amazon's support finds the call."""
    return response.headers.get("x-amz-rid") or response.headers.get("x-amz-request-id")


def _cause(status: int, text: str) -> Cause:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Cause.THROTTLED
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Cause.REMOTE_FAULT
    if "terms and conditions" in text.lower():
        return Cause.TERMS
    # A token is renewed before a refusal comes here, so it is not the login that is refused.
    refusals = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
    return Cause.NO_ACCESS if status in refusals else Cause.REFUSED


def _hint(status: int, text: str) -> str:
    lowered = text.lower()
    for words, hint in _HINTS_BY_WORDS.items():
        if words in lowered:
            return hint
    return _HINTS_BY_STATUS.get(status, "AMC's words name the cause; correct the request and retry.")


def _with_request_id(hint: str, response: httpx.Response) -> str:
    identifier = request_id(response)
    return f"{hint} (Amazon request id: {identifier})" if identifier else hint


def _one_line(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _TEXT_LIMIT else f"{flat[:_TEXT_LIMIT]}…"

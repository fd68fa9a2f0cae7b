"""What an answer that is no success means, and an answer that never came."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from datetime import datetime
from http import HTTPStatus

import httpx

from fanfold.kinds.http.answers import Answer
from fanfold.kinds.http.excerpts import excerpt_of
from fanfold.sdk.errors import Failure, Permanent, Retryable, TargetUnavailable, Throttled

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_HINTS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "Check the credentials of the target's connection.",
    HTTPStatus.FORBIDDEN: "Check what the credentials of the target's connection may do.",
    HTTPStatus.NOT_FOUND: "Check the address and the values that it is made of.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The other side names what is wrong with the request.",
}


def host_key(host: str) -> str:
    """Return the limit key that all requests to a host share."""
    return f"http.host:{host.lower().rstrip('.')}"


def failure_of(answer: Answer, *, conceal: Callable[[str], str], now: datetime) -> Failure:
    """Return the failure that *answer* means."""
    status, after, host = answer.status, answer.retry_after(now), answer.url.host
    said = excerpt_of(answer.body, conceal=conceal)
    text = f"{host} answered {status}" + (f": {said}" if said else ".")
    if status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.SERVICE_UNAVAILABLE and after):
        return Throttled(
            f"{host} asked for a pause ({status}).",
            key=host_key(host),
            after=after,
            hint="Nothing to do: the work goes on by itself.",
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TargetUnavailable(text, after=after, hint="The other side is at fault; it is tried again.")
    if status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.LOCKED}:
        return Retryable(text, after=after)
    hint = _HINTS.get(status, "Correct the request and retry.")
    return Permanent(text, hint=hint)


def not_answered(error: httpx.HTTPError | TimeoutError, *, host: str) -> Failure:
    """Return the failure that a broken, refused or silent connection means, without the driver's text."""
    if isinstance(error, _NEVER_SENT):
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
            return Permanent(f"{host} could not prove who it is.", hint="Check the host's certificate.")
        return TargetUnavailable(
            f"Nobody answers at {host}.",
            hint="Check that the workers can reach it; it is tried again.",
            reached=False,
        )
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return TargetUnavailable(f"{host} did not answer in time.", hint="Allow more time, or ask for less.")
    if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol):
        return Permanent("The request cannot be sent as HTTP.", hint="Check its address and its headers.")
    return TargetUnavailable(f"{host} broke off ({type(error).__name__}).", hint="It is tried again.")


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__

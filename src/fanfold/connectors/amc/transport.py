"""Signed calls to AMC: headers, one renewal of a refused token, few retries of reads, never of a write."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, cast

import httpx

from fanfold.connectors.amc import failures
from fanfold.connectors.amc.tokens import Token, TokenSource
from fanfold.connectors.amc.traces import traced
from fanfold.kit.backoff import full_jitter
from fanfold.kit.clock import Clock
from fanfold.sdk.errors import TargetUnavailable, Throttled

log = logging.getLogger(__name__)

Pause = Callable[[float], Awaitable[object]]

_READ_TRIES = 3
_BACKOFF_BASE = timedelta(milliseconds=500)
_BACKOFF_CAP = timedelta(seconds=5)
# A longer pause is left to the engine, which waits without holding a worker.
_LONGEST_PAUSE = timedelta(seconds=2)

# The last events before something is sent, as httpcore names them. Without its body a request is none.
_BEFORE_BYTES = ("send_request_headers.started", "send_request_body.started")


@dataclass(frozen=True, slots=True)
class Call:
    """One request, and the words for it in errors."""

    method: str
    path: str
    step: str
    """Completes "AMC refused to …"."""
    headers: Mapping[str, str]
    throttle_key: str
    query: Mapping[str, str] | None = None
    body: Mapping[str, Any] | None = None
    send_until: datetime | None = None
    """From then on it is not sent any more, whatever it had to wait for before."""


class AnswerLost(TargetUnavailable):
    """The call may have been carried out: it was sent, and no answer that can be read came back."""


class Transport:
    """Carries calls of one login to one host."""

    def __init__(
        self, http: httpx.AsyncClient, tokens: TokenSource, *, client_id: str, clock: Clock, pause: Pause
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._client_id = client_id
        self._clock = clock
        self._pause = pause

    async def read(self, call: Call) -> Mapping[str, Any]:
        """Carry out a call that changes nothing; trouble that passes soon is waited out here."""
        for attempt in range(1, _READ_TRIES):
            try:
                return await self.once(call)
            except (TargetUnavailable, Throttled) as failure:
                wait = failure.after or full_jitter(attempt, base=_BACKOFF_BASE, cap=_BACKOFF_CAP)
                if wait > _LONGEST_PAUSE:
                    raise
                await self._pause(wait.total_seconds())
        return await self.once(call)

    async def once(self, call: Call) -> Mapping[str, Any]:
        """Carry out a call once. Raises `AnswerLost` when it may have been carried out all the same."""
        response = await self._send_signed(call)
        if response.is_success:
            return _object_of(response, call)
        failure = failures.failure_of(
            response, step=call.step, throttle_key=call.throttle_key, now=self._clock.now()
        )
        log.info(
            "amc.call_failed",
            extra={"step": call.step, "status": response.status_code, "rid": failures.request_id(response)},
        )
        if isinstance(failure, TargetUnavailable):
            raise _lost(failure)
        raise failure

    async def _send_signed(self, call: Call) -> httpx.Response:
        token = await self._tokens.current()
        response = await self._send(call, token)
        if _refuses_token(response):
            # A refusal of the token means that nothing was done, so even a write may be sent again; once.
            response = await self._send(call, await self._tokens.renewed(token))
        return response

    async def _send(self, call: Call, token: Token) -> httpx.Response:
        headers = {
            "Authorization": f"Bearer {token.value}",
            "Amazon-Advertising-API-ClientId": self._client_id,
            "Accept": "application/json",
            **call.headers,
        }
        extensions = {"trace": self._guard(call)} if call.send_until else None
        request = self._http.build_request(
            call.method,
            call.path,
            params=call.query,
            json=call.body,
            headers=headers,
            extensions=extensions,
        )
        try:
            return await traced(self._http.send(request), request, step=call.step, clock=self._clock)
        except failures.NEVER_SENT as error:
            raise failures.unreachable(error, step=call.step) from None
        except httpx.HTTPError as error:
            raise _lost(failures.unreachable(error, step=call.step)) from None

    def _guard(self, call: Call) -> Callable[[str, Mapping[str, Any]], Awaitable[None]]:
        """Look at the clock before each part is sent: who stood still may have lost the right to send."""

        async def refuse_late(event: str, _about: Mapping[str, Any]) -> None:
            if event.endswith(_BEFORE_BYTES) and call.send_until and self._clock.now() > call.send_until:
                raise failures.never_asked(call.step)

        return refuse_late


def _lost(failure: TargetUnavailable) -> AnswerLost:
    lost = AnswerLost(failure.message, hint=failure.hint, after=failure.after)
    lost.cause, lost.request_id = failure.cause, failure.request_id
    return lost


def _refuses_token(response: httpx.Response) -> bool:
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        return True
    # AMC says the same words for a lapsed token and for a wrong entity; a fresh token tells which it was.
    return (
        response.status_code == HTTPStatus.FORBIDDEN
        and "unauthorized" in failures.error_text(response).lower()
    )


def _object_of(response: httpx.Response, call: Call) -> Mapping[str, Any]:
    if not response.content:
        return {}
    try:
        body: Any = response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        body = None
    if not isinstance(body, Mapping):
        raise _lost(failures.malformed(response, step=call.step))
    return cast("Mapping[str, Any]", body)

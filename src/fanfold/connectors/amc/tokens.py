"""Access tokens of one login: kept until they near their end, renewed by one task at a time."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx

from fanfold.connectors.amc import failures
from fanfold.connectors.amc.config import AmcSecrets
from fanfold.connectors.amc.traces import traced
from fanfold.kit.clock import Clock
from fanfold.sdk.errors import Cause, Failure, Permanent, TargetUnavailable

_MARGIN = timedelta(seconds=60)
# Login with Amazon: an access token lives an hour.
_DEFAULT_LIFE = timedelta(hours=1)
_STEP = "sign in (Login with Amazon)"


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and the moment from which it is no longer used."""

    value: str = field(repr=False)
    stale_at: datetime


class TokenSource:
    """Hands out the login's access token; concurrent callers share one refresh."""

    def __init__(
        self, http: httpx.AsyncClient, *, token_url: str, client_id: str, secrets: AmcSecrets, clock: Clock
    ) -> None:
        self._http = http
        self._token_url = token_url
        self._client_id = client_id
        self._secrets = secrets
        self._clock = clock
        self._token: Token | None = None
        self._refreshing = asyncio.Lock()

    async def current(self) -> Token:
        """Return a token that is good for at least another minute."""
        return await self._token_other_than(None)

    async def renewed(self, refused: Token) -> Token:
        """Return another token than *refused*; if a neighbour has renewed it meanwhile, that one."""
        return await self._token_other_than(refused)

    async def _token_other_than(self, refused: Token | None) -> Token:
        if (token := self._usable(refused)) is not None:
            return token
        async with self._refreshing:
            if (token := self._usable(refused)) is None:
                token = self._token = await self._refresh()
            return token

    def _usable(self, refused: Token | None) -> Token | None:
        token = self._token
        if token is None or token is refused or token.stale_at <= self._clock.now():
            return None
        return token

    async def _refresh(self) -> Token:
        started_at = self._clock.now()
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._secrets.refresh_token.get_secret_value(),
            "client_id": self._client_id,
            "client_secret": self._secrets.client_secret.get_secret_value(),
        }
        try:
            request = self._http.build_request("POST", self._token_url, data=form)
            response = await traced(self._http.send(request), request, step=_STEP, clock=self._clock)
        except httpx.HTTPError as error:
            raise failures.unreachable(error, step=_STEP) from None
        if response.status_code != HTTPStatus.OK:
            raise _refusal(response, now=started_at)
        return _token_of(response, started_at)


def _refusal(response: httpx.Response, *, now: datetime) -> Failure:
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        # No limit key stands for a login: the attempt comes back after the pause instead.
        after = failures.retry_after(response.headers, now=now)
        throttled = TargetUnavailable("Amazon's sign-in asked for a pause.", after=after)
        return failures.told(throttled, Cause.THROTTLED, response=response)
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return failures.failure_of(response, step=_STEP, throttle_key="", now=now)
    refusal = Permanent(
        f"Amazon refused the sign-in ({response.status_code}): {failures.error_text(response)}",
        hint="Check the client id and secret; if the login was revoked, authorise it again.",
    )
    return failures.told(refusal, Cause.CREDENTIALS, response=response)


def _token_of(response: httpx.Response, started_at: datetime) -> Token:
    try:
        body: Any = response.json()
        value, seconds = body["access_token"], body.get("expires_in")
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
        raise failures.malformed(response, step=_STEP) from None
    if not isinstance(value, str) or not value:
        raise failures.malformed(response, step=_STEP)
    life = timedelta(seconds=seconds) if isinstance(seconds, int) and seconds > 0 else _DEFAULT_LIFE
    # Half of a very short life, so that a token shorter than the margin is still used at all.
    return Token(value, started_at + max(life - _MARGIN, life / 2))

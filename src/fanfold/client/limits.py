"""Limits over HTTP: the bounds that all batches share, who holds them, and setting them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import TypedDict, Unpack
from urllib.parse import quote

import httpx

from fanfold.client.answer import Answer
from fanfold.client.policy import QuietHours, QuietHoursInForce, Rate, RateInForce, spoken
from fanfold.client.transport import Transport


class BreakerCause(Answer):
    """Failures of one cause in a row."""

    fingerprint: str
    error_class: str
    message: str | None = None
    """None where it may speak of another user's work."""
    failure_count: int
    first_failed_at: datetime
    last_failed_at: datetime


class Breaker(Answer):
    """Whether a target is left alone because it fails."""

    state: str
    """closed, open (left alone until the next probe) or probing (one operation may try)."""
    since: datetime | None = None
    next_probe_at: datetime | None = None
    causes: tuple[BreakerCause, ...] = ()


class Holder(Answer):
    """A batch that holds a key now."""

    job_id: str
    name: str
    operations: int


class Limit(Answer):
    """A key as it stands."""

    key: str
    title: str
    max_running: int | None = None
    """None: any number."""
    cap: int | None = None
    """What it bears now, less after answers that said "too many"."""
    in_use: int = 0
    is_full: bool = False
    rate: RateInForce | None = None
    rate_left: int | None = None
    blocked_until: datetime | None = None
    quiet_hours: tuple[QuietHoursInForce, ...] = ()
    quiet_until: datetime | None = None
    opens_at: datetime | None = None
    """When time alone opens it."""
    pinned: bool = False
    """Set by a person."""
    breaker: Breaker | None = None
    holders: tuple[Holder, ...] = ()
    operations_of_others: int = 0


class LimitBounds(TypedDict, total=False):
    """What may be set of a limit; None takes a bound away."""

    max_running: int | None
    rate: Rate | None
    quiet_hours: Sequence[QuietHours] | None


class AsyncLimits:
    """The limits that the user may see: administrators all, others those of their own work."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list(self, *, q: str | None = None, full: bool = False) -> AsyncIterator[Limit]:
        """Yield limits by key; *q* is a part of the key, *full*: only those that let nothing begin now."""
        narrowed = "true" if full else None
        async for limit in self._transport.pages("/batch/limits", Limit, q=q, full=narrowed):
            yield limit

    async def get(self, key: str) -> Limit:
        """Return one limit and who holds it. Raises `NotFound`."""
        return _limit(await self._transport.get(_path(key)))

    async def set(self, key: str, **bounds: Unpack[LimitBounds]) -> Limit:
        """Set what is named of a limit; it binds what begins next. Raises `BadInput`, `Forbidden`."""
        body = {name: spoken(value) for name, value in bounds.items()}
        return _limit(await self._transport.put(_path(key), body))

    async def clear(self, key: str) -> None:
        """Take back what a person set: what kinds and settings declare holds again."""
        await self._transport.delete(_path(key))

    async def unblock(self, key: str) -> Limit:
        """End the pause that a remote side asked for, and what its answers took from the cap."""
        return _limit(await self._transport.post(f"{_path(key)}/unblock"))

    async def reset_breaker(self, key: str) -> Limit:
        """Close a target's breaker now and forget its failures."""
        return _limit(await self._transport.post(f"{_path(key)}/reset-breaker"))


def _path(key: str) -> str:
    return f"/batch/limits/{quote(key, safe=':/')}"


def _limit(answer: httpx.Response) -> Limit:
    return Limit.model_validate(answer.json())

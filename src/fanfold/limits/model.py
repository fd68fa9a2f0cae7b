"""How a key stands: what bounds it, what it holds, and what closes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from fanfold.limits.bounds import Bounds


class BreakerState(StrEnum):
    """What the breaker of a target does."""

    CLOSED = "closed"
    """Nothing; it may have counted failures."""
    OPEN = "open"
    """It keeps everything away until the next probe."""
    PROBING = "probing"
    """One operation at a time may try."""


@dataclass(frozen=True, slots=True)
class BreakerCause:
    """Failures of one cause in a row."""

    fingerprint: str
    error: Mapping[str, Any]
    """Of the last one: `{"class", "message", "hint"}`."""
    failure_count: int
    first_failed_at: datetime
    last_failed_at: datetime
    opened_at: datetime | None


@dataclass(frozen=True, slots=True)
class Holder:
    """A batch whose operations hold a key."""

    key: str
    batch_id: str
    user_id: UUID


@dataclass(frozen=True, slots=True)
class BatchHolding:
    """How much of a key a batch holds."""

    key: str
    batch_id: str
    name: str
    user_id: UUID
    operation_count: int


@dataclass(frozen=True, slots=True)
class KeyState:
    """A key as it stands now."""

    key: str
    bounds: Bounds
    """What kinds declared, or what a person set."""
    in_use: int
    """Units."""
    cap: int | None = None
    """Units that it bears now: its own number, or what answers that said "too many" have left of it."""
    rate_room: int | None = None
    """Units that may still start now by its rate."""
    room: int | None = None
    """Units that are free in all; None: nothing bounds it."""
    blocked_until: datetime | None = None
    quiet_until: datetime | None = None
    probe_at: datetime | None = None
    opens_at: datetime | None = None
    """When it opens again by time alone."""
    guarded: bool = False
    pinned: bool = False
    """Set by a person."""
    now: datetime | None = None
    causes: tuple[BreakerCause, ...] = ()

    @property
    def is_adapted(self) -> bool:
        """Whether it bears less than it was given."""
        return self.cap is not None and (
            self.bounds.max_running is None or self.cap < self.bounds.max_running
        )

    @property
    def breaker(self) -> BreakerState:
        """What its breaker does."""
        if self.probe_at is None:
            return BreakerState.CLOSED
        is_due = self.now is not None and self.probe_at <= self.now
        return BreakerState.PROBING if is_due else BreakerState.OPEN

    @property
    def opened_since(self) -> datetime | None:
        """Since when its breaker is open."""
        return min((cause.opened_at for cause in self.causes if cause.opened_at), default=None)

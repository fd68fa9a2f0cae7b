"""Where the simulator's time comes from: the machine, or a test's hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time; nothing else in the simulator asks the machine for it."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)


class ManualClock:
    """A clock that moves only when a test moves it."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the moment that was set last."""
        return self._now

    def advance(self, *, seconds: float) -> datetime:
        """Move forward and return the new moment."""
        self._now += timedelta(seconds=seconds)
        return self._now


class MovableClock:
    """Another clock, moved forward by what was asked for; it never goes back."""

    def __init__(self, inner: Clock) -> None:
        self._inner = inner
        self._ahead = timedelta()

    @property
    def ahead_seconds(self) -> float:
        """How far it is ahead of the other clock."""
        return self._ahead.total_seconds()

    def now(self) -> datetime:
        """Return the moment of the other clock plus what this one is ahead."""
        return self._inner.now() + self._ahead

    def jump(self, seconds: float) -> datetime:
        """Move forward by *seconds* and return the new moment."""
        self._ahead += timedelta(seconds=seconds)
        return self.now()

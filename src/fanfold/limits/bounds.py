"""What a person may ask of a key: how many at a time, how many per time, and when nothing may start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any
from zoneinfo import available_timezones

from fanfold.sdk.kind import Rate


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When nothing may start; a period may pass midnight."""

    start: time
    end: time
    timezone: str = "UTC"
    days: tuple[int, ...] = ()
    """On which days it begins, Monday is 1; empty: on all."""

    def stored(self) -> dict[str, Any]:
        """Return the form that the SQL function `quiet_until` reads."""
        period: dict[str, Any] = {
            "start": self.start.isoformat(timespec="minutes"),
            "end": self.end.isoformat(timespec="minutes"),
            "timezone": self.timezone,
        }
        return period | ({"days": list(self.days)} if self.days else {})

    @classmethod
    def from_stored(cls, period: dict[str, Any]) -> QuietHours:
        """Read what `stored` wrote."""
        return cls(
            time.fromisoformat(period["start"]),
            time.fromisoformat(period["end"]),
            period["timezone"],
            tuple(period.get("days", ())),
        )


@dataclass(frozen=True, slots=True)
class Bounds:
    """What bounds a key; None and empty bound nothing."""

    max_running: int | None = None
    rate: Rate | None = None
    quiet_hours: tuple[QuietHours, ...] = ()


@dataclass(frozen=True, slots=True)
class BoundsChange:
    """Bounds that somebody sets; what is not given stays as it is."""

    bounds: Bounds
    given: frozenset[str]
    """Names of fields of `Bounds`."""

    def told(self) -> dict[str, Any]:
        """Return it as the audit keeps it."""
        shown = {
            "max_running": self.bounds.max_running,
            "rate": told_rate(self.bounds.rate),
            "quiet_hours": [period.stored() for period in self.bounds.quiet_hours],
        }
        return {name: value for name, value in shown.items() if name in self.given}

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield pointer and sentence of everything that makes no sense in it."""
        if self.bounds.rate is not None:
            yield from ((f"/rate{where}", what) for where, what in rate_problems(self.bounds.rate))
        for index, period in enumerate(self.bounds.quiet_hours):
            yield from ((f"/quiet_hours/{index}{where}", what) for where, what in quiet_problems(period))


def told_rate(rate: Rate | None) -> dict[str, float] | None:
    """Return a rate as the audit and the timeline keep it."""
    return None if rate is None else {"count": rate.count, "per_seconds": rate.per.total_seconds()}


def rate_problems(rate: Rate) -> Iterator[tuple[str, str]]:
    """Yield pointer and sentence of everything that makes no sense in *rate*."""
    if rate.count < 1:
        yield "/count", "a rate must allow 1 start or more."
    if rate.per <= timedelta():
        yield "/per_seconds", "a rate's time must be longer than nothing."


def quiet_problems(period: QuietHours) -> Iterator[tuple[str, str]]:
    """Yield pointer and sentence of everything that makes no sense in *period*."""
    if period.timezone not in available_timezones():
        yield "/timezone", f"{period.timezone!r} is no time zone of the IANA database."
    if any(day not in range(1, 8) for day in period.days):
        yield "/days", "days are 1 (Monday) to 7 (Sunday)."

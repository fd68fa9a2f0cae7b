"""Dates that are said relative to the day: `today - 14d`, `last_full_month`, `start_of_week`.

An expression is looked up, never run. Weeks begin on Monday (ISO 8601); ends of spans are included.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, cast

Unit = Literal["day", "week", "month", "quarter", "year"]

_EXPRESSION = re.compile(r"([a-z][a-z0-9_]*)(?:\.(start|end))?((?:\s*[+-]\s*\d{1,6}\s*[a-z]+)*)")
_STEP = re.compile(r"([+-])\s*(\d+)\s*([a-z]+)")
_LAST_N = re.compile(r"last_(\d{1,4})_(day|week|month|quarter|year)s?")
_MONTHS: Mapping[str, int] = {"month": 1, "quarter": 3, "year": 12}
_UNITS = {"h": "hour", "d": "day", "w": "week", "m": "month", "q": "quarter", "y": "year"}


class DateInvalid(ValueError):
    """An expression names no date; the message says why."""


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, both ends included."""

    start: date
    end: date
    unit: Unit = "day"

    @property
    def name(self) -> str:
        """The span's own name if it is one calendar unit, such as 2026-W07 or 2026-10, else both ends."""
        if span_around(self.start, self.unit) != self:
            return f"{self.start}/{self.end}"
        match self.unit:
            case "day":
                return self.start.isoformat()
            case "week":
                return f"{self.start:%G-W%V}"
            case "month":
                return f"{self.start:%Y-%m}"
            case "quarter":
                return f"{self.start.year}-Q{(self.start.month + 2) // 3}"
            case "year":
                return f"{self.start:%Y}"

    def moved(self, count: int, unit: str) -> Span:
        """Return the span *count* units later; a span of months moves by months only."""
        if self.unit in _MONTHS and unit not in _MONTHS:
            raise DateInvalid(f"a span of {self.unit}s moves by m, q or y, not by {unit}s")
        if unit == "hour":
            raise DateInvalid("a span of days does not move by hours")
        after = move(self.end + timedelta(days=1), count, unit=unit)
        return Span(move(self.start, count, unit=unit), after - timedelta(days=1), self.unit)


Found = date | datetime | Span
"""What an expression stands for; a datetime is local to its zone."""


def evaluate(expression: str, *, now: datetime) -> Found:
    """Return what *expression* means at *now*, whose zone decides where days begin. Raises `DateInvalid`."""
    read = _EXPRESSION.fullmatch(expression.strip())
    if read is None:
        raise DateInvalid(f"{expression.strip()!r} is no date; write for example today - 14d")
    name, edge, steps = read.groups()
    try:
        found = _edge(_named(name, now), edge, name=name)
        for sign, digits, word in _STEP.findall(steps):
            found = _moved(found, int(digits) if sign == "+" else -int(digits), unit=_unit(word))
    except (OverflowError, ValueError) as error:
        if isinstance(error, DateInvalid):
            raise
        raise DateInvalid("this is no year of the calendar") from error
    return found


def _edge(found: Found, edge: str | None, *, name: str) -> Found:
    if edge is None:
        return found
    if not isinstance(found, Span):
        raise DateInvalid(f"{name} is one date and has no .{edge}")
    return found.start if edge == "start" else found.end


def span_around(day: date, unit: Unit) -> Span:
    """Return the calendar unit in which *day* lies."""
    if unit == "day":
        return Span(day, day, unit)
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return Span(monday, monday + timedelta(days=6), unit)
    months = _MONTHS[unit]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return Span(first, move(first, 1, unit=unit) - timedelta(days=1), unit)


def move(day: date, count: int, *, unit: str) -> date:
    """Return the day *count* units later; a day that its month lacks becomes the last one."""
    if unit not in _MONTHS:
        return day + timedelta(days=count * (7 if unit == "week" else 1))
    month = day.year * 12 + day.month - 1 + count * _MONTHS[unit]
    year, index = divmod(month, 12)
    return day.replace(year=year, month=index + 1, day=min(day.day, calendar.monthrange(year, index + 1)[1]))


def last_full(count: int, unit: Unit, *, today: date) -> Span:
    """Return the *count* whole units before the one of *today*."""
    if count < 1:
        raise DateInvalid("at least one is needed")
    this = span_around(today, unit)
    try:
        return Span(move(this.start, -count, unit=unit), this.start - timedelta(days=1), unit)
    except (OverflowError, ValueError) as error:
        raise DateInvalid("that is before the calendar begins") from error


def _named(name: str, now: datetime) -> Found:
    today = now.date()
    if name in _POINTS:
        return _POINTS[name](now)
    several = _LAST_N.fullmatch(name)
    if several is not None:
        return last_full(int(several[1]), cast("Unit", several[2]), today=today)
    head, _, unit = name.rpartition("_")
    if head in _SPANS and unit in {"day", "week", "month", "quarter", "year"}:
        return _SPANS[head](today, cast("Unit", unit))
    raise DateInvalid(f"{name!r} is not known; known are {KNOWN}")


def _moved(found: Found, count: int, *, unit: str) -> Found:
    if isinstance(found, Span):
        return found.moved(count, unit)
    if unit == "hour":
        if not isinstance(found, datetime):
            raise DateInvalid("a day does not move by hours; use now")
        # In UTC, since an hour of the clock is none when clocks are turned.
        return (found.astimezone(UTC) + timedelta(hours=count)).astimezone(found.tzinfo)
    if isinstance(found, datetime):
        return datetime.combine(move(found.date(), count, unit=unit), found.timetz())
    return move(found, count, unit=unit)


def _unit(word: str) -> str:
    unit = _UNITS.get(word, word.removesuffix("s"))
    if unit not in _UNITS.values():
        raise DateInvalid(f"{word!r} is no unit; units are h, d, w, m (months), q and y")
    return unit


_POINTS: Mapping[str, Callable[[datetime], Found]] = {
    "today": lambda now: now.date(),
    "yesterday": lambda now: now.date() - timedelta(days=1),
    "tomorrow": lambda now: now.date() + timedelta(days=1),
    "now": lambda now: now.replace(microsecond=0),
    "start_of_hour": lambda now: now.replace(minute=0, second=0, microsecond=0),
}
_SPANS: Mapping[str, Callable[[date, Unit], Found]] = {
    "start_of": lambda today, unit: span_around(today, unit).start,
    "end_of": lambda today, unit: span_around(today, unit).end,
    "this": span_around,
    "last_full": lambda today, unit: last_full(1, unit, today=today),
}
KNOWN = (
    f"{', '.join(_POINTS)}, start_of_…, end_of_…, this_…, last_full_… (day, week, month, quarter, year) "
    "and last_14_days, last_4_weeks, last_3_months"
)

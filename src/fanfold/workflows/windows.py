"""Cuts a long time into windows: a backfill runs one operation for each instance and each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from fanfold.sdk.errors import Problem
from fanfold.workflows.dates import DateInvalid, Span, Unit, last_full, move, span_around
from fanfold.workflows.templates import END, START, Scope, TemplateInvalid, resolve

MOST_WINDOWS = 2_000


@dataclass(frozen=True, slots=True)
class WindowsAsked:
    """The windows as a user asks for them: the *last* so many whole units, or all of *start* to *end*."""

    every: Unit
    count: int = 1
    """Units in a window."""
    last: int | None = None
    start: str | None = None
    """A day, or a template for one."""
    end: str | None = None
    """A day, or a template for one; included."""


def windows_of(asked: WindowsAsked, *, scope: Scope) -> tuple[list[Span], list[Problem]]:
    """Return the windows, the oldest first, and what is wrong with them; one of the two is empty."""
    if (asked.last is None) is (asked.start is None and asked.end is None):
        return [], [Problem("/windows", "Say how many by `last`, or from where to where by `from` and `to`.")]
    if asked.last is not None:
        return _last(asked, asked.last, scope=scope)
    problems: list[Problem] = []
    start = _day(asked.start, "from", scope=scope, problems=problems)
    end = _day(asked.end, "to", scope=scope, problems=problems)
    if start is None or end is None:
        return [], problems
    if start > end:
        return [], [Problem("/windows/from", f"{start} lies after {end}.")]
    return _bounded(_cut(Span(start, end, asked.every), asked.count))


def _last(asked: WindowsAsked, last: int, *, scope: Scope) -> tuple[list[Span], list[Problem]]:
    if not 1 <= last <= MOST_WINDOWS:
        return [], [Problem("/windows/last", f"There must be 1 to {MOST_WINDOWS:,} windows, not {last:,}.")]
    try:
        whole = last_full(last * asked.count, asked.every, today=scope.local.date())
    except DateInvalid as error:
        return [], [Problem("/windows/last", f"{error}.")]
    return _bounded(_cut(whole, asked.count))


def _cut(whole: Span, count: int) -> Iterator[Span]:
    """Yield the pieces; single units are those of the calendar, so that they have its names."""
    start = whole.start
    while start <= whole.end:
        unit = span_around(start, whole.unit)
        end = unit.end if count == 1 else move(start, count, unit=whole.unit) - timedelta(days=1)
        yield Span(start, min(end, whole.end), whole.unit)
        start = end + timedelta(days=1)


def _bounded(pieces: Iterator[Span]) -> tuple[list[Span], list[Problem]]:
    found: list[Span] = []
    for piece in pieces:
        found.append(piece)
        if len(found) > MOST_WINDOWS:
            return [], [Problem("/windows", f"These are more than {MOST_WINDOWS:,} windows.")]
    return found, []


def _day(text: str | None, field: str, *, scope: Scope, problems: list[Problem]) -> date | None:
    pointer = f"/windows/{field}"
    if text is None:
        problems.append(Problem(pointer, f"`{field}` is missing."))
        return None
    try:
        said = resolve(text, name=START if field == "from" else END, scope=scope)
        return date.fromisoformat(str(said))
    except TemplateInvalid as error:
        problems.append(Problem(pointer, f"{error}."))
    except ValueError:
        problems.append(Problem(pointer, f"{text!r} is no day like 2026-01-31."))
    return None

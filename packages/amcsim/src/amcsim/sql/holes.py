"""What differs between two executions of the same text, as holes in the compiled SQL: parameters, the
window's edges, today and now.

A query is compiled once; binding it to an execution is putting literals together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlglot import exp

from amcsim.sql.literals import literal_of, timestamp_of
from amcsim.sql.problem import Span, SqlProblem

_WINDOW_EDGES = ("TIME_WINDOW_START", "TIME_WINDOW_END")


@dataclass(frozen=True, slots=True)
class Shift:
    """A length of time with calendar months, as ISO 8601 writes it."""

    months: int = 0
    rest: timedelta = timedelta()

    def after(self, moment: datetime, *, times: int) -> datetime:
        """Return *moment* moved *times* this length; a month ends where the target month ends."""
        total = moment.year * 12 + moment.month - 1 + times * self.months
        year, month = divmod(total, 12)
        day = min(moment.day, _days_in(year, month + 1))
        return moment.replace(year=year, month=month + 1, day=day) + times * self.rest


@dataclass(frozen=True, slots=True)
class Bindings:
    """What one execution puts into the holes."""

    values: Mapping[str, Any]
    window: tuple[datetime, datetime]
    now: datetime
    values_required: bool = True
    """False when only the declarations matter, as for a workflow that is saved before it is run."""


@dataclass(frozen=True, slots=True)
class _ParameterHole:
    name: str
    amc_type: str
    span: Span | None

    def fill(self, bindings: Bindings) -> str:
        value = bindings.values.get(self.name)
        if value is None and not bindings.values_required:
            return literal_of(None, self.amc_type)
        if value is None:
            raise SqlProblem(
                f"No value was provided for parameter '{self.name}', and it has no default", self.span
            )
        try:
            return literal_of(value, self.amc_type)
        except ValueError as error:
            raise SqlProblem(
                f"Invalid value for parameter '{self.name}' of type {self.amc_type}: {error}", self.span
            ) from error


@dataclass(frozen=True, slots=True)
class _EdgeHole:
    edge: int
    shift: Shift
    times: int

    def fill(self, bindings: Bindings) -> str:
        return timestamp_of(self.shift.after(bindings.window[self.edge], times=self.times))


@dataclass(frozen=True, slots=True)
class _NowHole:
    layout: str

    def fill(self, bindings: Bindings) -> str:
        return f"'{bindings.now.strftime(self.layout)}'"


@dataclass(slots=True)
class Holes:
    """The holes of one query while it is being compiled; `types` are the declared parameters' AMC types."""

    types: Mapping[str, str]
    mark: str
    _holes: list[_ParameterHole | _EdgeHole | _NowHole] = field(
        default_factory=list["_ParameterHole | _EdgeHole | _NowHole"]
    )

    def parameter(self, name: str, span: Span | None) -> exp.Expr:
        """Return the place of a declared parameter's value."""
        if name not in self.types:
            raise SqlProblem(f"Parameter '{name}' is not declared in inputParameters", span)
        return self._hole(_ParameterHole(name, self.types[name], span))

    def edge(self, name: str, span: Span | None) -> exp.Expr:
        """Return the place of an edge of the window as the query names it."""
        if name not in _WINDOW_EDGES:
            raise SqlProblem(f"Unknown built-in parameter '{name}'", span)
        return self._hole(_EdgeHole(_WINDOW_EDGES.index(name), Shift(), 0))

    def start(self, back: Shift) -> exp.Expr:
        """Return the place of the window's start, so much earlier."""
        return self._hole(_EdgeHole(0, back, -1))

    def end(self, forth: Shift) -> exp.Expr:
        """Return the place of the window's end, so much later."""
        return self._hole(_EdgeHole(1, forth, 1))

    def today(self) -> exp.Expr:
        """Return the place of the day on which the execution runs."""
        return self._hole(_NowHole("%Y-%m-%d"))

    def now(self) -> exp.Expr:
        """Return the place of the moment at which the execution runs."""
        return self._hole(_NowHole("%Y-%m-%d %H:%M:%S"))

    def template(self, sql: str) -> Template:
        """Return *sql* cut at its holes."""
        parts = re.split(rf"\${self.mark}(\d+)_", sql)
        numbers = [int(number) for number in parts[1::2]]
        return Template(tuple(parts[::2]), tuple(self._holes[number] for number in numbers))

    def _hole(self, hole: _ParameterHole | _EdgeHole | _NowHole) -> exp.Expr:
        self._holes.append(hole)
        return exp.Placeholder(this=f"{self.mark}{len(self._holes) - 1}_")


@dataclass(frozen=True, slots=True)
class Template:
    """SQL with holes between its parts."""

    parts: tuple[str, ...]
    holes: tuple[_ParameterHole | _EdgeHole | _NowHole, ...]

    def bind(self, bindings: Bindings) -> str:
        """Return the SQL of one execution; raises SqlProblem for a missing or wrong value."""
        filled = [hole.fill(bindings) for hole in self.holes]
        pairs = zip(self.parts, [*filled, ""], strict=True)
        return "".join(text for pair in pairs for text in pair)


def mark_for(text: str) -> str:
    """Return a name that does not occur in *text*, so that no literal in it can pass for a hole."""
    mark = "hole"
    while mark in text:
        mark += "_"
    return mark


def _days_in(year: int, month: int) -> int:
    following = datetime(year + month // 12, month % 12 + 1, 1)  # noqa: DTZ001 -- only its day is asked for
    return (following - timedelta(days=1)).day

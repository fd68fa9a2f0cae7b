"""What makes a query slow at AMC, where it runs for minutes and times out after hours; hints only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from sqlglot import exp

from fanfold.kinds.amc_workflow.sql.query import Explanation, Query
from fanfold.sdk.kind import Finding

_CROSS = Explanation(
    "cost_cross_join",
    "Every row of one table meets every row of the other; over event tables this hardly ever ends.",
    "Join on a column, for example USING (user_id), or aggregate both sides first.",
    severity="warning",
)
_UNION = Explanation(
    "cost_union",
    "UNION compares all rows to drop equal ones.",
    "Write UNION ALL where the branches cannot bring the same row.",
    severity="warning",
)
_EXTENDED = Explanation(
    "cost_extended_window",
    "All events of the longer time are read, for each execution anew.",
    "Extend by no more than the look-back that the question needs.",
    severity="warning",
)
_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?.*", re.IGNORECASE)
_DAYS = (365, 30, 7, 1)
_LONG = 90


def cross_joins(query: Query) -> Iterator[Finding]:
    """Yield joins of two tables of AMC without any condition."""
    for select in query.find_all(exp.Select):
        found = cast("exp.Select", select)
        sources = query.sources(found)
        if sum(isinstance(source, str) for source in sources.values()) < 2 or found.args.get("where"):  # noqa: PLR2004 -- a pair
            continue
        for join in cast("list[exp.Join]", found.args.get("joins") or []):
            if not join.args.get("on") and not join.args.get("using") and isinstance(join.this, exp.Table):
                name = join.this.alias_or_name
                yield _CROSS.found(f"{name} is joined without a condition.", query.place_of(join))


def unions(query: Query) -> Iterator[Finding]:
    """Yield unions that drop equal rows."""
    for union in query.find_all(exp.Union):
        if union.args.get("distinct"):
            yield _UNION.found("This UNION drops equal rows.", query.place_of(cast("exp.Union", union).right))


def extended_windows(query: Query) -> Iterator[Finding]:
    """Yield windows that are extended by more than three months."""
    for call in query.calls("EXTEND_TIME_WINDOW"):
        days = [_days(part.name) for part in call.expressions[1:] if isinstance(part, exp.Literal)]
        if days and max(days) > _LONG:
            yield _EXTENDED.found(f"The window is extended by {max(days)} days.", query.place_of(call))


def _days(duration: str) -> int:
    read = _DURATION.fullmatch(duration)
    return (
        0 if read is None else sum(int(n or 0) * days for n, days in zip(read.groups(), _DAYS, strict=True))
    )


COSTS = (cross_joins, unions, extended_windows)

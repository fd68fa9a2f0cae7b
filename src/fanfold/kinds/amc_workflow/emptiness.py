"""Why a result may have a header and no rows: AMC does not tell "nothing happened" from "all was suppressed".

What speaks for one cause or another is known here, so the likely ones are named, the likeliest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from fanfold.kinds.amc_workflow.sql.catalogue import catalogue
from fanfold.kinds.amc_workflow.window import TYPE, TimeWindow, WindowType

# AMC promises complete data after 48 hours and keeps about 13 months.
_SETTLING = timedelta(hours=48)
_HISTORY = timedelta(days=396)
_GUARDED = frozenset({"MEDIUM", "HIGH"})
_MOST_NAMED = 3

EMPTY = "The result is empty or fully suppressed"
_OTHERWISE = (
    "no event matched the query's conditions, or every row was of fewer people than AMC's aggregation "
    "threshold asks for"
)


def why_empty(
    window: TimeWindow,
    *,
    parameters: Mapping[str, Any],
    columns: Iterable[str],
    sandbox: bool,
    now: datetime,
) -> str:
    """Return the sentence for a result without rows of these output *columns*."""
    causes = [
        *_of_window(window, parameters, now=now),
        *_of_columns(columns),
        *(["a sandbox instance has synthetic data of few tables only"] if sandbox else []),
        _OTHERWISE,
    ]
    return f"{EMPTY}; likely: {'; or '.join(causes)}."


def _of_window(window: TimeWindow, parameters: Mapping[str, Any], *, now: datetime) -> Iterator[str]:
    if window.type is WindowType.MOST_RECENT_DAY and not parameters.get(TYPE):
        yield "no time window was given, so AMC read its most recent day only"
    if window.start is None or window.end is None:
        return
    zone = ZoneInfo(window.zone)
    if window.start.replace(tzinfo=zone) > now - _SETTLING:
        yield "the whole time window lies in the last 48 hours, whose data may not have arrived"
    if window.end.replace(tzinfo=zone) < now - _HISTORY:
        yield "the whole time window lies more than 13 months ago, and AMC has deleted most data of that age"


def _of_columns(columns: Iterable[str]) -> Iterator[str]:
    guarded = [name for name in columns if name.lower() in _guarded()]
    if guarded:
        more = " …" if len(guarded) > _MOST_NAMED else ""
        named = ", ".join(guarded[:_MOST_NAMED])
        yield f"rows by {named}{more} are suppressed unless many people share them: group by less"


@cache
def _guarded() -> frozenset[str]:
    """Return the columns that are shown for many people only, in whichever table they are."""
    return frozenset(
        name
        for table in catalogue().values()
        for name, column in table.items()
        if column.threshold in _GUARDED
    )

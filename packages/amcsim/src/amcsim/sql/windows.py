"""The execution window, put on every read of an event table; `EXTEND_TIME_WINDOW` widens it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlglot import exp

from amcsim.sql.parameters import timestamp
from amcsim.sql.problem import SqlProblem, span_of
from amcsim.sql.relations import TableUse

_DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


def put_window(use: TableUse, window: tuple[datetime, datetime]) -> None:
    """Replace the table by a filtered read of it under the same alias."""
    back, forth = (_duration(text, use) for text in (use.back, use.forth))
    read = exp.select("*").from_(exp.to_table(use.table.name, quoted=True))
    if use.table.time_column is not None:
        moment = exp.column(use.table.time_column, quoted=True)
        read = read.where(
            exp.GTE(this=moment, expression=timestamp(window[0] - back)),
            exp.LT(this=moment.copy(), expression=timestamp(window[1] + forth)),
        )
    alias = use.node.args["alias"]
    use.node.replace(exp.Subquery(this=read, alias=alias.copy()))


def _duration(text: str, use: TableUse) -> timedelta:
    found = _DURATION.fullmatch(text)
    if found is None or text in {"P", "PT"} or text.endswith("T"):
        raise SqlProblem(f"Invalid ISO-8601 duration '{text}' in EXTEND_TIME_WINDOW", span_of(use.node))
    return timedelta(
        **{name: int(amount) for name, amount in found.groupdict().items() if amount is not None}
    )

"""The execution window, put on every read of an event table; `EXTEND_TIME_WINDOW` widens it."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlglot import exp

from amcsim.sql.holes import Holes, Shift
from amcsim.sql.problem import SqlProblem, span_of
from amcsim.sql.relations import TableUse

_DURATION = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


def put_window(use: TableUse, holes: Holes) -> None:
    """Replace the table by a filtered read of it under the same alias."""
    back, forth = (_duration(text, use) for text in (use.back, use.forth))
    read = exp.select("*").from_(exp.to_table(use.table.name, quoted=True))
    if use.table.time_column is not None:
        moment = exp.column(use.table.time_column, quoted=True)
        read = read.where(
            exp.GTE(this=moment, expression=holes.start(back)),
            exp.LT(this=moment.copy(), expression=holes.end(forth)),
        )
    alias = use.node.args["alias"]
    use.node.replace(exp.Subquery(this=read, alias=alias.copy()))


def _duration(text: str, use: TableUse) -> Shift:
    found = _DURATION.fullmatch(text)
    if found is None or text == "P" or text.endswith("T"):
        raise SqlProblem(f"Invalid ISO-8601 duration '{text}' in EXTEND_TIME_WINDOW", span_of(use.node))
    amounts = {name: int(amount) for name, amount in found.groupdict().items() if amount is not None}
    months = 12 * amounts.pop("years", 0) + amounts.pop("months", 0)
    return Shift(months, timedelta(**amounts))

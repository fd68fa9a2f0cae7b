"""What answers are grouped by and what they count: `column`, `column:month`, `sum:column`.

A name that a column has is that column, whatever follows its colon.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from fanfold.results.columns import ColumnType
from fanfold.results.filters import Field, Fields
from fanfold.results.scan import text_of_moment
from fanfold.sdk.errors import BadInput, Problem


class Bucket(StrEnum):
    """How long a stretch of time is one group, from short to long."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Function(StrEnum):
    """What an aggregate says of a group."""

    COUNT = "count"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    MEDIAN = "median"
    DISTINCT = "distinct"
    APPROX_DISTINCT = "approx_distinct"
    """A HyperLogLog estimate, some percent off; cheap where `distinct` is not."""


_CALLS = {
    Function.COUNT: "count({0}){1}",
    Function.SUM: "sum({0}){1}",
    Function.AVG: "avg({0}){1}",
    Function.MIN: "min({0}){1}",
    Function.MAX: "max({0}){1}",
    Function.MEDIAN: "median({0}){1}",
    Function.DISTINCT: "count(distinct {0}){1}",
    Function.APPROX_DISTINCT: "approx_count_distinct({0}){1}",
}
_OF_NUMBERS = {Function.SUM, Function.AVG, Function.MEDIAN}
_OF_ITS_TYPE = {Function.MIN, Function.MAX}
TIMES = {ColumnType.DATE, ColumnType.TIMESTAMP}


@dataclass(frozen=True, slots=True)
class Key:
    """What rows are grouped by."""

    name: str
    """As it was asked for."""
    sql: str
    type: ColumnType


@dataclass(frozen=True, slots=True)
class Aggregate:
    """What is said of a group."""

    name: str
    function: Function
    sql: str | None
    """Its column; None counts rows."""
    type: ColumnType

    def call(self, argument: str, where: str = "") -> str:
        """Return the SQL over a column named *argument*, of the rows that *where* lets through."""
        kept = f" filter (where {where})" if where else ""
        return _CALLS[self.function].format("*" if self.sql is None else argument, kept)


def bucketed(name: str, field: Field, *, bucket: Bucket) -> Key:
    """Return a time by its stretch, which is named by its first day or moment."""
    whole_days = bucket not in {Bucket.MINUTE, Bucket.HOUR} or field.type is ColumnType.DATE
    kind, sql_type = (ColumnType.DATE, "DATE") if whole_days else (ColumnType.TIMESTAMP, "TIMESTAMP")
    return Key(name, f"date_trunc('{bucket}', {field.sql})::{sql_type}", kind)


def keys_of(names: Sequence[str], fields: Fields, *, pointer: str) -> list[Key]:
    """Return the keys that *names* ask for; raise `BadInput` that names every bad one."""
    found = [_key(name, fields, pointer=pointer) for name in names]
    problems = [each for each in found if isinstance(each, Problem)]
    if problems:
        raise BadInput(problems)
    return [each for each in found if isinstance(each, Key)]


def aggregates_of(names: Sequence[str], fields: Fields, *, pointer: str) -> list[Aggregate]:
    """Return the aggregates that *names* ask for; raise `BadInput` that names every bad one."""
    found = [_aggregate(name, fields, pointer=pointer) for name in names]
    problems = [each for each in found if isinstance(each, Problem)]
    if problems:
        raise BadInput(problems)
    return [each for each in found if isinstance(each, Aggregate)]


def json_form(sql: str, kind: ColumnType) -> str:
    """Return the SQL of what JSON shows of a value."""
    if kind is ColumnType.TIMESTAMP:
        return text_of_moment(sql)
    return f"{sql}::VARCHAR" if kind is ColumnType.DATE else sql


def identity(sql: str) -> str:
    """Return the SQL of a text that two values share only if they are the same; null has one, too."""
    return f"coalesce(to_json({sql})::VARCHAR, 'null')"


def _key(name: str, fields: Fields, *, pointer: str) -> Key | Problem:
    if field := fields.get(name.lower()):
        return Key(name, field.sql, field.type)
    column, _, bucket = name.rpartition(":")
    field = fields.get(column.lower())
    if field is None:
        return Problem(pointer, f"There is no column {name!r}.")
    if bucket not in set(Bucket):
        return Problem(pointer, f"{bucket!r} is not one of {', '.join(Bucket)}.")
    if field.type not in TIMES:
        return Problem(pointer, f"{column} is a {field.type}; only dates and times have a {bucket}.")
    return bucketed(name, field, bucket=Bucket(bucket))


def _aggregate(name: str, fields: Fields, *, pointer: str) -> Aggregate | Problem:
    word, _, column = name.partition(":")
    if word not in set(Function):
        return Problem(pointer, f"{word!r} is not one of {', '.join(Function)}.")
    function = Function(word)
    if not column:
        if function is not Function.COUNT:
            return Problem(pointer, f"Say of which column: {function}:column.")
        return Aggregate(name, function, None, ColumnType.NUMBER)
    field = fields.get(column.lower())
    if field is None:
        return Problem(pointer, f"There is no column {column!r}.")
    if function in _OF_NUMBERS and field.type is not ColumnType.NUMBER:
        return Problem(pointer, f"{column} is a {field.type}; {function} takes numbers.")
    kind = field.type if function in _OF_ITS_TYPE else ColumnType.NUMBER
    return Aggregate(name, function, field.sql, kind)

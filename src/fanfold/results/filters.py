"""What a reader may ask for: filters and a sort, checked against the columns, then SQL with bound values."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, cast

from fanfold.results.columns import ColumnType
from fanfold.sdk.errors import BadInput, Problem

MOST_FILTERS = 50
MOST_CHOICES = 1000
_WIDEST_INTEGER = 2**127


class Op(StrEnum):
    """How a filter compares."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    CONTAINS = "contains"
    """Text that holds the value, in whatever case."""
    IN = "in"
    IS_NULL = "is_null"
    NOT_NULL = "not_null"


_COMPARISONS = {Op.EQ: "=", Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">="}


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition; all of them must hold."""

    column: str
    op: Op
    value: Any = None


@dataclass(frozen=True, slots=True)
class Field:
    """What a column's name stands for in SQL."""

    sql: str
    type: ColumnType


Fields = Mapping[str, Field]
"""By the column's name in lower case."""


def parse_filters(text: str | None) -> tuple[Filter, ...]:
    """Read the `filter` parameter, a JSON list; raise `BadInput` that names every bad item."""
    if not text:
        return ()
    try:
        items = json.loads(text)
    except ValueError as error:
        raise BadInput([Problem("/filter", f"The filter is not JSON: {error}.")]) from error
    except RecursionError as error:
        raise BadInput([Problem("/filter", "The filter is nested too deeply to be read.")]) from error
    if not isinstance(items, list):
        raise BadInput([Problem("/filter", "The filter must be a JSON list of conditions.")])
    conditions = cast("list[Any]", items)
    if len(conditions) > MOST_FILTERS:
        raise BadInput([Problem("/filter", f"At most {MOST_FILTERS} conditions are possible.")])
    found = (_shape_problems(index, item) for index, item in enumerate(conditions))
    problems = [problem for problems in found for problem in problems]
    if problems:
        raise BadInput(problems)
    return tuple(Filter(item["column"], Op(item["op"]), item.get("value")) for item in conditions)


def check(filters: Sequence[Filter], *, sort: str | None, fields: Fields) -> None:
    """Raise `BadInput` that names every filter, and the sort, that the columns do not allow."""
    found = (_problems(index, each, fields=fields) for index, each in enumerate(filters))
    problems = [problem for problems in found for problem in problems]
    if sort and _sorted_field(sort, fields) is None:
        problems.append(Problem("/sort", f"There is no column {sort.removeprefix('-')!r}."))
    if problems:
        raise BadInput(problems)


def condition(filters: Sequence[Filter], fields: Fields) -> tuple[str, dict[str, Any]]:
    """Return the SQL that holds where all of the checked *filters* hold, and its values."""
    values: dict[str, Any] = {}
    parts = [
        _condition(f"v{index}", each, field=fields[each.column.lower()], values=values)
        for index, each in enumerate(filters)
    ]
    return " and ".join(parts) or "true", values


def ordering(sort: str, fields: Fields) -> str:
    """Return the SQL for a checked *sort*: `column`, or `-column` for descending; nulls come last."""
    field = _sorted_field(sort, fields)
    if field is None:
        raise BadInput([Problem("/sort", f"There is no column {sort!r}.")])
    descending = sort.lower() not in fields
    return f"{field.sql} {'desc' if descending else 'asc'} nulls last"


def _sorted_field(sort: str, fields: Fields) -> Field | None:
    return fields.get(sort.lower()) or (fields.get(sort[1:].lower()) if sort.startswith("-") else None)


def _shape_problems(index: int, item: Any) -> list[Problem]:
    if not isinstance(item, dict):
        return [Problem(f"/filter/{index}", 'A condition is an object with "column", "op" and "value".')]
    given = cast("dict[str, Any]", item)
    problems: list[Problem] = []
    if not isinstance(given.get("column"), str):
        problems.append(Problem(f"/filter/{index}/column", "Name a column."))
    if given.get("op") not in set(Op):
        problems.append(Problem(f"/filter/{index}/op", f"Choose one of {', '.join(Op)}."))
    problems += [
        Problem(f"/filter/{index}/{name}", "This is not part of a condition.")
        for name in sorted(set(given) - {"column", "op", "value"})
    ]
    return problems


def _problems(index: int, each: Filter, *, fields: Fields) -> list[Problem]:
    field = fields.get(each.column.lower())
    if field is None:
        return [Problem(f"/filter/{index}/column", f"There is no column {each.column!r}.")]
    if each.op in {Op.IS_NULL, Op.NOT_NULL}:
        return []
    if each.op is Op.CONTAINS and field.type is not ColumnType.STRING:
        return [Problem(f"/filter/{index}/op", f"{each.column} is a {field.type}; contains compares text.")]
    pointer = f"/filter/{index}/value"
    if each.op is not Op.IN:
        return _value_problems(pointer, each.value, kind=field.type)
    choices = cast("list[Any]", each.value) if isinstance(each.value, list) else []
    if not 0 < len(choices) <= MOST_CHOICES:
        return [Problem(pointer, f"Give a list of 1 to {MOST_CHOICES} values.")]
    found = (_value_problems(f"{pointer}/{n}", choice, kind=field.type) for n, choice in enumerate(choices))
    return [problem for problems in found for problem in problems]


def _value_problems(pointer: str, value: Any, *, kind: ColumnType) -> list[Problem]:
    try:
        _BOUND[kind](value)
    except (TypeError, ValueError):
        return [Problem(pointer, f"Give {_WANTED[kind]}, not {json.dumps(value, default=str)[:80]}.")]
    return []


def _condition(name: str, each: Filter, *, field: Field, values: dict[str, Any]) -> str:
    bound = _BOUND[field.type]
    if each.op is Op.IS_NULL:
        return f"{field.sql} is null"
    if each.op is Op.NOT_NULL:
        return f"{field.sql} is not null"
    if each.op is Op.IN:
        choices = {f"{name}_{index}": bound(choice) for index, choice in enumerate(each.value)}
        values.update(choices)
        return f"{field.sql} in ({', '.join(f'${choice}' for choice in choices)})"
    values[name] = bound(each.value)
    if each.op is Op.CONTAINS:
        return f"contains(lower({field.sql}), lower(${name}))"
    if each.op is Op.NE:
        return f"{field.sql} is distinct from ${name}"
    return f"{field.sql} {_COMPARISONS[each.op]} ${name}"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    # Half a pair of surrogates, which JSON can spell, is no text: this raises a `ValueError`.
    value.encode()
    return value


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    if not math.isfinite(value) or abs(value) >= _WIDEST_INTEGER:
        raise ValueError
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _day(value: Any) -> date:
    return date.fromisoformat(_text(value))


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    # Stored moments are UTC without saying so; one that is given without a zone is meant the same way.
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


_BOUND: Mapping[ColumnType, Callable[[Any], Any]] = {
    ColumnType.STRING: _text,
    ColumnType.NUMBER: _number,
    ColumnType.BOOLEAN: _truth,
    ColumnType.DATE: _day,
    ColumnType.TIMESTAMP: _moment,
}

_WANTED: Mapping[ColumnType, str] = {
    ColumnType.STRING: "a text",
    ColumnType.NUMBER: "a number",
    ColumnType.BOOLEAN: "true or false",
    ColumnType.DATE: "a date like 2026-01-31",
    ColumnType.TIMESTAMP: "a time like 2026-01-31T12:00:00Z",
}

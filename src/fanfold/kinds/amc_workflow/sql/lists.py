"""Lists in `VALUES`: `VALUES (CUSTOM_PARAMETER('asins'))` becomes one row for each entry.

AMC takes no array there, so the rows are written into the query that is sent; texts are quoted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from sqlglot.errors import SqlglotError

from fanfold.kinds.amc_workflow.definition import Parameter
from fanfold.kinds.amc_workflow.sql.text import QueryText

_PLAIN = frozenset({"BYTE", "SHORT", "INTEGER", "LONG", "FLOAT", "DOUBLE", "DECIMAL"})
_CAST = frozenset({"DATE", "TIMESTAMP"})
_SHAPE = ("VALUES", "(", "CUSTOM_PARAMETER", "(", None, ")", ")")
_NAME = _SHAPE.index(None)


@lru_cache(maxsize=256)
def lists_in_values(sql: str) -> tuple[tuple[str, int, int], ...]:
    """Return the parameters that fill a VALUES alone: each name, and where its row begins and ends."""
    try:
        return tuple(_found(QueryText(sql)))
    except SqlglotError:
        return ()


def with_lists(sql: str, declared: Sequence[Parameter], *, parameters: Mapping[str, Any]) -> str:
    """Return the query with the entries of its lists in place of them."""
    lists = {each.name: each for each in declared if each.data_type is not None and each.data_type.is_array}
    for name, start, end in reversed(lists_in_values(sql)):
        if name in lists:
            sql = f"{sql[:start]}{_rows(lists[name], parameters)}{sql[end:]}"
    return sql


def entries(parameter: Parameter, parameters: Mapping[str, Any]) -> Any:
    """Return what a list parameter holds: its value, or its default."""
    value = parameters.get(parameter.name)
    return parameter.default if value is None else value


def _found(text: QueryText) -> Iterator[tuple[str, int, int]]:
    tokens = text.tokens
    for position, token in enumerate(tokens):
        if token.text.upper() != "VALUES" or token.token_type.name == "STRING":
            continue
        window = tokens[position : position + len(_SHAPE)]
        words = [None if each.token_type.name == "STRING" else each.text.upper() for each in window]
        if words == list(_SHAPE):
            yield window[_NAME].text, window[1].start, window[-1].end + 1


def _rows(parameter: Parameter, parameters: Mapping[str, Any]) -> str:
    scalar = parameter.data_type.name if parameter.data_type else "STRING"
    held = cast("list[Any]", entries(parameter, parameters) or [])
    return ", ".join(f"({_literal(value, scalar)})" for value in held)


def _literal(value: Any, scalar: str) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if scalar in _PLAIN:
        return str(value)
    quoted = "'" + str(value).replace("'", "''") + "'"
    return f"CAST({quoted} AS {scalar})" if scalar in _CAST else quoted

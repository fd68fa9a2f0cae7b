"""Rows of plain values as Arrow: declared columns first, and further ones whose values tell their types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import pyarrow as pa

from fanfold.results.columns import Column, columns_of, storable

_TYPES: Mapping[type, pa.DataType] = {
    str: pa.string(),
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    datetime: pa.timestamp("us", "UTC"),
    dict: pa.json_(),
}
_WIDEST_INTEGER = 2**63


def table_of(
    rows: Sequence[Mapping[str, Any]], columns: Mapping[str, type]
) -> tuple[pa.Table, tuple[Column, ...]]:
    """Return *rows* with *columns* and all others that they have, and what is stored; `dict` is any JSON."""
    names = list(dict.fromkeys([*columns, *(name for row in rows for name in row)]))
    types: dict[str, pa.DataType] = {}
    arrays: list[Any] = []
    for name in names:
        values = [row.get(name) for row in rows]
        kind = columns.get(name) or _kind_of(values)
        types[name] = _TYPES[kind] if kind else pa.null()
        arrays.append(_array(values, kind))
    given = pa.schema(list(types.items()))
    return pa.Table.from_arrays(arrays, names=storable(given).names), columns_of(given)


def _kind_of(values: Sequence[Any]) -> type | None:
    """Return the type that holds all *values*, None if there are none."""
    found = [value for value in values if value is not None]
    kinds: set[type] = {type(value) for value in found}
    if not kinds or kinds == {int, float}:
        return float if kinds else None
    if len(kinds) > 1 or (kinds == {int} and any(abs(value) >= _WIDEST_INTEGER for value in found)):
        return str
    (only,) = kinds
    return only if only in _TYPES else dict


def _array(values: Sequence[Any], kind: type | None) -> Any:
    if kind is None:
        # Parquet has no type for nothing at all; the column says that it fits to every other.
        return pa.nulls(len(values), pa.string())
    if kind is dict:
        texts = [None if value is None else orjson.dumps(value).decode() for value in values]
        array: Any = pa.ExtensionArray
        return array.from_storage(pa.json_(), pa.array(texts, pa.string()))
    if kind is str:
        return pa.array([None if value is None else _text(value) for value in values], pa.string())
    return pa.array(values, _TYPES[kind])


def _text(value: Any) -> str:
    # Beside texts, what is none is shown as JSON writes it.
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()

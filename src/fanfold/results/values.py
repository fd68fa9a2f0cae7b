"""Rows for JSON: every value something that JSON knows."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pyarrow as pa

_WIDEST_INTEGER = 2**63


def json_column(column: pa.ChunkedArray[Any]) -> list[Any]:
    """Return a column's values; those of the plain types as they are."""
    values: list[Any] = column.to_pylist()
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_large_string(kind):
        return values
    return [json_value(value) for value in values]


def json_value(value: Any) -> Any:
    """Return JSON's value for *value*: times by RFC 3339, decimals as numbers, no NaN, base64 for bytes."""
    if value is None or isinstance(value, str | bool | int):
        return value
    for kind, convert in _CONVERSIONS.items():
        if isinstance(value, kind):
            return convert(value)
    return str(value)


def _from_float(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _from_decimal(value: Decimal) -> float | int | None:
    if not value.is_finite():
        return None
    exponent = value.as_tuple().exponent
    whole = isinstance(exponent, int) and exponent >= 0
    # JSON writers stop at 64 bits, and so do most of its readers.
    return int(value) if whole and abs(value) < _WIDEST_INTEGER else float(value)


def _from_moment(value: datetime) -> str:
    return value.replace(tzinfo=None).isoformat() + "Z"


def _from_list(value: list[Any]) -> Any:
    return [json_value(each) for each in value]


def _from_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): json_value(each) for key, each in value.items()}


_CONVERSIONS: Mapping[type, Callable[[Any], Any]] = {
    float: _from_float,
    Decimal: _from_decimal,
    datetime: _from_moment,
    timedelta: lambda value: cast("timedelta", value).total_seconds(),
    bytes: lambda value: b64encode(cast("bytes", value)).decode(),
    list: _from_list,
    dict: _from_mapping,
}

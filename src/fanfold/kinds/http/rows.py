"""Turns an answer's JSON into typed rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from fanfold.kinds.http.definition import Column, Result
from fanfold.kinds.http.jsonpaths import JsonPath, path_of
from fanfold.sdk.errors import Permanent

_BATCH_ROWS = 10_000
_SHOWN = 60
_LARGEST_INTEGER = 2**63
_TYPES: Mapping[str, pa.DataType] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "json": pa.string(),
}


def batches_of(answer: Any, result: Result) -> list[pa.RecordBatch]:
    """Return the rows in batches; one without rows when nothing matches. Raises `Permanent` naming a cell."""
    schema = pa.schema([pa.field(column.name, _TYPES[column.type]) for column in result.columns])
    readers = [(column, path_of(column.path), _READERS[column.type]) for column in result.columns]
    batches = [_batch(rows, readers, schema=schema, answer=answer) for rows in _slices(answer, result)]
    return batches or [pa.RecordBatch.from_pylist([], schema=schema)]


Reader = tuple[Column, JsonPath, Callable[[Any], Any]]


def _slices(answer: Any, result: Result) -> Iterator[tuple[int, list[Any]]]:
    first, rows = 0, list[Any]()
    for row in path_of(result.rows).find(answer):
        rows.append(row)
        if len(rows) == _BATCH_ROWS:
            yield first, rows
            first, rows = first + len(rows), []
    if rows:
        yield first, rows


def _batch(
    numbered: tuple[int, list[Any]], readers: Sequence[Reader], *, schema: pa.Schema, answer: Any
) -> pa.RecordBatch:
    first, rows = numbered
    columns = {
        reader[0].name: [
            _cell(row, reader, answer=answer, number=first + index) for index, row in enumerate(rows)
        ]
        for reader in readers
    }
    return pa.RecordBatch.from_pydict(columns, schema=schema)


def _cell(row: Any, reader: Reader, *, answer: Any, number: int) -> Any:
    column, path, read = reader
    value = path.first(row if path.from_row else answer)
    if value is None:
        return None
    try:
        return read(value)
    except (ValueError, TypeError, OverflowError):
        shown = json.dumps(value)[:_SHOWN]
        raise Permanent(
            f"Row {number + 1}, column {column.name}: {shown} is no {column.type}.",
            hint="Give the column another type in the definition, such as string or json.",
        ) from None


def _as_string(value: Any) -> str:
    return value if isinstance(value, str) else _as_json(value)


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _as_integer(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise TypeError
    number = int(value)
    if not -_LARGEST_INTEGER <= number < _LARGEST_INTEGER:
        raise OverflowError
    return number


def _as_number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _as_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _as_date(value: Any) -> date:
    return date.fromisoformat(value)


def _as_timestamp(value: Any) -> datetime:
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    moment = datetime.fromisoformat(value)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "string": _as_string,
    "integer": _as_integer,
    "number": _as_number,
    "boolean": _as_boolean,
    "date": _as_date,
    "timestamp": _as_timestamp,
    "json": _as_json,
}

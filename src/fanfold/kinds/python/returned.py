"""What a function may return, and how it becomes rows and a summary."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import pyarrow as pa

from fanfold.sdk.errors import Permanent
from fanfold.sdk.outcome import Completed, Outcome, Skipped, Snoozed

_BATCH_ROWS = 10_000
_LARGEST_SUMMARY = 64 * 1024
_ALLOWED = "a dictionary, an outcome, rows (dictionaries or Arrow), or nothing"

Rows = Iterable[Any] | AsyncIterable[Any]
_ARROW = pa.Table | pa.RecordBatch | pa.RecordBatchReader


def outcome_of(value: Any) -> Outcome | None:
    """Return the outcome that *value* is or stands for; None when it is rows. Raises `Permanent`."""
    if value is None:
        return Completed()
    if isinstance(value, Completed | Skipped | Snoozed):
        return value
    if isinstance(value, Mapping):
        return Completed(_summary(cast("Mapping[str, Any]", value)))
    if isinstance(value, str | bytes) or not isinstance(value, Iterable | AsyncIterable | _ARROW):
        raise Permanent(f"The function returned {type(value).__name__}; it may return {_ALLOWED}.")
    return None


async def batches_in(rows: Rows) -> AsyncIterator[pa.RecordBatch]:
    """Yield the rows as batches of one schema, without holding them all."""
    gathered = _Gathering()
    if isinstance(rows, _ARROW):
        for batch in _batches(rows):
            yield batch
        return
    async for item in _each(rows):
        for batch in gathered.take(item):
            yield batch
    for batch in gathered.rest():
        yield batch


def batches_now(rows: Iterable[Any]) -> list[pa.RecordBatch]:
    """As `batches_in`, at once: for a process that sends them back."""
    if isinstance(rows, _ARROW):
        return list(_batches(rows))
    gathered = _Gathering()
    batches = [batch for item in rows for batch in gathered.take(item)]
    return [*batches, *gathered.rest()]


class _Gathering:
    """Turns dictionaries into batches; the first one sets the columns for all."""

    def __init__(self) -> None:
        self._waiting: list[Mapping[str, Any]] = []
        self._schema: pa.Schema | None = None
        self._count = 0

    def take(self, item: Any) -> Iterator[pa.RecordBatch]:
        if isinstance(item, pa.RecordBatch):
            yield from self.rest()
            yield item
        elif isinstance(item, pa.Table):
            yield from self.rest()
            yield from _batches(item)
        elif isinstance(item, Mapping):
            self._waiting.append(cast("Mapping[str, Any]", item))
            if len(self._waiting) == _BATCH_ROWS:
                yield from self.rest()
        else:
            raise Permanent(
                f"Row {self._count + len(self._waiting) + 1} is {type(item).__name__}, no dictionary."
            )

    def rest(self) -> Iterator[pa.RecordBatch]:
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        self._schema = self._schema or _schema_of(waiting)
        self._refuse_new_columns(waiting, self._schema)
        try:
            yield pa.RecordBatch.from_pylist([dict(row) for row in waiting], schema=self._schema)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
            first, last = self._count + 1, self._count + len(waiting)
            raise Permanent(
                f"The rows {first} to {last} do not have the types of the first ones: {error}",
                hint="Return Arrow batches with a schema of your own.",
            ) from None
        self._count += len(waiting)

    def _refuse_new_columns(self, rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> None:
        known = set(schema.names)
        for number, row in enumerate(rows, start=self._count + 1):
            new = [name for name in row if name not in known]
            if new:
                raise Permanent(f"Row {number} has the column {new[0]!r}, which the first rows do not have.")


def _schema_of(rows: Sequence[Mapping[str, Any]]) -> pa.Schema:
    names = list(dict.fromkeys(str(name) for row in rows for name in row))
    try:
        columns = {name: pa.array([row.get(name) for row in rows]) for name in names}
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError) as error:
        raise Permanent(f"A column of the rows has no single type: {error}") from None
    return pa.schema(
        [
            # A column that is empty so far may hold anything later; text takes most.
            pa.field(name, pa.string() if pa.types.is_null(column.type) else column.type)
            for name, column in columns.items()
        ]
    )


def _batches(rows: pa.Table | pa.RecordBatch | pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    if isinstance(rows, pa.RecordBatchReader):
        yield from rows
        return
    if isinstance(rows, pa.RecordBatch):
        yield rows
        return
    batches = rows.to_batches(max_chunksize=_BATCH_ROWS)
    yield from batches or [pa.RecordBatch.from_pylist([], schema=rows.schema)]


async def _each(rows: Rows) -> AsyncIterator[Any]:
    if isinstance(rows, AsyncIterable):
        async for item in rows:
            yield item
    else:
        for item in rows:
            yield item


def _summary(value: Mapping[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(dict(value), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Permanent(f"The function's summary is no JSON: {error}.") from None
    if len(text) > _LARGEST_SUMMARY:
        raise Permanent(
            f"The function's summary is larger than {_LARGEST_SUMMARY} bytes.", hint="Return rows instead."
        )
    return dict(value)

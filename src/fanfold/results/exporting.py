"""The formats of a file with all rows: what DuckDB makes of them, and what bytes become of that.

CSV, JSON lines and worksheets are texts that DuckDB makes row by row; Parquet and Arrow take the values.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, cast

import pyarrow as pa
import pyarrow.parquet as pq

from fanfold.results import csv_lines, json_lines, parts, sheet_rows
from fanfold.results.columns import ColumnType
from fanfold.results.duck import Query
from fanfold.results.errors import UnreadablePart
from fanfold.results.selection import Paths, Selection
from fanfold.results.shown import Shown
from fanfold.results.workbook import MOST_COLUMNS, Collected, Workbook
from fanfold.sdk.errors import BadInput, Problem

_MOMENT = pa.timestamp("us", "UTC")
_GROUP_ROWS = 32_768


class FileFormat(StrEnum):
    """What a file of rows looks like."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    PARQUET = "parquet"
    ARROW = "arrow"

    @property
    def media_type(self) -> str:
        """Its name on the web."""
        return MEDIA_TYPES[self]

    @property
    def suffix(self) -> str:
        """What a file's name ends with; a stream of Arrow's is told from its file."""
        return "arrows" if self is FileFormat.ARROW else self.value


MEDIA_TYPES = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.JSONL: "application/x-ndjson",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.PARQUET: "application/vnd.apache.parquet",
    FileFormat.ARROW: "application/vnd.apache.arrow.stream",
}


@dataclass(frozen=True, slots=True)
class File:
    """All rows in one format."""

    form: FileFormat
    chunks: AsyncGenerator[bytes]
    """Made only as fast as they are taken; close it when nobody takes them any more."""
    skipped: tuple[UnreadablePart, ...] = ()
    """Parts that were left out because they cannot be read."""


class Encoder(Protocol):
    """Makes bytes of batches; an empty answer means that more is needed."""

    def encode(self, batch: pa.RecordBatch) -> bytes:
        """Add a batch."""
        ...

    def finish(self) -> bytes:
        """End the file, also one without a batch."""
        ...

    def close(self) -> None:
        """Free what it holds; legal after `finish`."""
        ...


@dataclass(frozen=True, slots=True)
class Way:
    """How one format is made."""

    query: Callable[[Selection, Paths], Query]
    encoder: Callable[[Selection], Encoder]
    batch_rows: int


def way(form: FileFormat, selection: Selection) -> Way:
    """Return how *form* is made; raise `BadInput` if it does not take the selection."""
    if form is FileFormat.XLSX and len(selection.shown) > MOST_COLUMNS:
        raise BadInput([Problem("/format", f"A sheet holds {MOST_COLUMNS} columns: choose some of them.")])
    return _WAYS[form]


class _Lines:
    """Lines as DuckDB made them."""

    def __init__(self, header: bytes) -> None:
        self._header = header

    def encode(self, batch: pa.RecordBatch) -> bytes:
        header, self._header = self._header, b""
        return header + csv_lines.bytes_of(batch)

    def finish(self) -> bytes:
        header, self._header = self._header, b""
        return header

    def close(self) -> None:
        self._header = b""


class _Objects:
    """JSON lines; those of lists and structs are looked through for what JSON does not know."""

    def __init__(self, columns: Sequence[Shown]) -> None:
        self._nested = any(each.column.nested for each in columns)

    def encode(self, batch: pa.RecordBatch) -> bytes:
        lines = csv_lines.bytes_of(batch)
        return json_lines.without_constants(lines) if self._nested else lines

    def finish(self) -> bytes:
        return b""

    def close(self) -> None:
        """Hold nothing."""


class _Sheets:
    def __init__(self, heading: bytes) -> None:
        self._book = Workbook(heading)

    def encode(self, batch: pa.RecordBatch) -> bytes:
        ready: list[bytes] = []
        while batch.num_rows:
            taken, batch = batch.slice(0, self._book.room), batch.slice(self._book.room)
            ready.append(self._book.write(csv_lines.bytes_of(taken), count=taken.num_rows))
        return b"".join(ready)

    def finish(self) -> bytes:
        return self._book.finish()

    def close(self) -> None:
        self._book.close()


class _Stream:
    """Arrow's IPC stream."""

    def __init__(self, columns: Sequence[Shown]) -> None:
        self._columns = columns
        self._sink = Collected()
        self._writer: Any = None

    def encode(self, batch: pa.RecordBatch) -> bytes:
        named = _named(batch, self._columns)
        self._open(named.schema).write_batch(named)
        return self._sink.take()

    def finish(self) -> bytes:
        self._open(_schema(self._columns)).close()
        return self._sink.take()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def _open(self, schema: pa.Schema) -> Any:
        if self._writer is None:
            self._writer = pa.ipc.new_stream(cast("Any", self._sink), schema)
        return self._writer


class _Parquet:
    """Row groups of a size that readers like, and never more than one in memory."""

    def __init__(self, columns: Sequence[Shown]) -> None:
        self._columns = columns
        self._sink = Collected()
        self._writer: Any = None
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0
        self._bytes = 0

    def encode(self, batch: pa.RecordBatch) -> bytes:
        named = _named(batch, self._columns)
        self._waiting.append(named)
        self._rows += named.num_rows
        self._bytes += named.nbytes
        if self._rows >= _GROUP_ROWS or self._bytes >= parts.ROW_GROUP_BYTES:
            self._write_group()
        return self._sink.take()

    def finish(self) -> bytes:
        if self._waiting:
            self._write_group()
        self._open(_schema(self._columns)).close()
        return self._sink.take()

    def close(self) -> None:
        self._waiting.clear()
        if self._writer is not None:
            self._writer.close()

    def _write_group(self) -> None:
        group = pa.Table.from_batches(self._waiting)
        self._waiting, self._rows, self._bytes = [], 0, 0
        self._open(group.schema).write_table(group, row_group_size=max(group.num_rows, 1))

    def _open(self, schema: pa.Schema) -> Any:
        if self._writer is None:
            self._writer = pq.ParquetWriter(cast("Any", self._sink), schema, compression="zstd")
        return self._writer


def _values(columns: Sequence[Shown]) -> str:
    # Named by position: two names that differ in case alone are one to DuckDB.
    return ", ".join(f"{each.sql} as s{index}" for index, each in enumerate(columns))


def _named(batch: pa.RecordBatch, columns: Sequence[Shown]) -> pa.RecordBatch:
    named: Any = batch
    arrays = [
        array.cast(_MOMENT) if each.column.type is ColumnType.TIMESTAMP and not each.column.nested else array
        for array, each in zip(named.columns, columns, strict=True)
    ]
    make: Any = pa.RecordBatch
    return make.from_arrays(arrays, names=[each.column.name for each in columns])


def _schema(columns: Sequence[Shown]) -> pa.Schema:
    """Return the types of a file without rows."""
    types = {
        ColumnType.STRING: pa.large_string(),
        ColumnType.NUMBER: pa.float64(),
        ColumnType.BOOLEAN: pa.bool_(),
        ColumnType.DATE: pa.date32(),
        ColumnType.TIMESTAMP: _MOMENT,
    }
    return pa.schema([(each.column.name, types[each.column.type]) for each in columns])


def _lines(
    line: Callable[[Sequence[Shown]], str], cell: Callable[[str], str], *, tag: str
) -> Callable[[Selection, Paths], Query]:
    def query(selection: Selection, paths: Paths) -> Query:
        ready = {f"{name}_{tag}": [*map(cell, texts)] for name, texts in selection.instances.items()}
        ready["keys"] = json_lines.keys(selection.shown)
        return selection.lines_query(line, paths, values=ready)

    return query


def _typed(selection: Selection, paths: Paths) -> Query:
    return selection.lines_query(_values, paths, values={})


_WAYS = {
    FileFormat.CSV: Way(
        _lines(csv_lines.line, csv_lines.cell, tag="csv"), lambda s: _Lines(csv_lines.header(s.shown)), 8_192
    ),
    FileFormat.JSONL: Way(
        _lines(json_lines.line, json_lines.cell, tag="json"), lambda s: _Objects(s.shown), 8_192
    ),
    FileFormat.XLSX: Way(
        _lines(sheet_rows.line, sheet_rows.cell, tag="xlsx"),
        lambda s: _Sheets(sheet_rows.heading(s.shown)),
        2_048,
    ),
    FileFormat.PARQUET: Way(_typed, lambda s: _Parquet(s.shown), 8_192),
    FileFormat.ARROW: Way(_typed, lambda s: _Stream(s.shown), 16_384),
}

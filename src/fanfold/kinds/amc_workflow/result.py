"""From AMC's result files to the operation's result set: two passes, one to settle the types, one to write.

Bounded memory: a block of a file at a time, however large the result is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from fanfold.kinds.amc_workflow.columns import Column, columns_of, schema_of, text_column, typed
from fanfold.kinds.amc_workflow.csvfile import ResultFile
from fanfold.sdk.context import Sink
from fanfold.sdk.errors import Retryable

_MOST_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class Result:
    """What was written."""

    rows: int
    warnings: tuple[str, ...]


async def write_result(
    paths: Sequence[Path], output_columns: Sequence[Mapping[str, Any]], *, sink: Sink
) -> Result:
    """Write the rows of all files under one schema. Without rows, only declared columns are written.

    Raises `Retryable` when a file is damaged or the files disagree; nothing was written then.
    """
    files = [file for file in [await ResultFile.open(path) for path in paths] if file.header]
    columns = columns_of(_header(files, output_columns), output_columns)
    await _survey(files, columns)
    schema = schema_of(columns)
    rows = 0
    for file in files:
        async with aclosing(file.batches()) as batches:
            async for batch in batches:
                await _write(await asyncio.to_thread(typed, batch, columns, schema=schema), sink)
                rows += batch.num_rows
    if rows == 0 and output_columns and columns:
        await sink.write(pa.RecordBatch.from_pylist([], schema=schema))
    return Result(rows, tuple(column.warning for column in columns if column.warning))


def _header(files: Sequence[ResultFile], output_columns: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    headers = {file.header for file in files}
    if len(headers) > 1:
        raise Retryable("AMC's result files have different columns.", hint="They are fetched again.")
    return headers.pop() if headers else [str(column.get("name")) for column in output_columns]


async def _survey(files: Sequence[ResultFile], columns: Sequence[Column]) -> None:
    for file in files:
        async for batch in file.batches():
            await asyncio.to_thread(_see, columns, batch)


def _see(columns: Sequence[Column], batch: pa.RecordBatch) -> None:
    for position, column in enumerate(columns):
        column.see(text_column(batch, position))


async def _write(batch: pa.RecordBatch, sink: Sink) -> None:
    for start in range(0, batch.num_rows, _MOST_ROWS):
        await sink.write(batch.slice(start, _MOST_ROWS))

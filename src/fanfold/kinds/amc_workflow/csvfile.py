"""Reads one AMC result file: CSV with a header, quotes escaped by a backslash or doubled, NULL as nothing.

Everything comes out as text, block by block; typing is `columns`' duty.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import zlib
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.csv as pacsv

from fanfold.sdk.errors import Retryable

_BLOCK_BYTES = 4 << 20
_GZIP_MAGIC = b"\x1f\x8b"
_DAMAGE = (pa.ArrowInvalid, UnicodeDecodeError, csv.Error, EOFError, gzip.BadGzipFile, zlib.error)


class ResultFile:
    """A downloaded file; `header` is empty when the file is."""

    def __init__(self, path: Path, header: Sequence[str], *, has_rows: bool) -> None:
        self._path = path
        self.header = tuple(header)
        self.has_rows = has_rows

    @classmethod
    async def open(cls, path: Path) -> ResultFile:
        """Read the header. Raises `Retryable` when the file is damaged."""
        header, has_rows = await asyncio.to_thread(_read_header, path)
        return cls(path, header, has_rows=has_rows)

    async def batches(self) -> AsyncGenerator[pa.RecordBatch]:
        """Yield the rows as text columns named `c0`, `c1`, …, in blocks of bounded size."""
        if not self.has_rows:
            return
        try:
            with _uncompressed(self._path) as stream, await asyncio.to_thread(self._reader, stream) as reader:
                while (batch := await asyncio.to_thread(_next_batch, reader)) is not None:
                    yield batch
        except _DAMAGE as error:
            raise _damaged(error) from error

    def _reader(self, stream: BinaryIO) -> pacsv.CSVStreamingReader:
        names = [f"c{position}" for position in range(len(self.header))]
        return pacsv.open_csv(
            stream,
            read_options=pacsv.ReadOptions(
                column_names=names, skip_rows_after_names=1, block_size=_BLOCK_BYTES, use_threads=False
            ),
            parse_options=pacsv.ParseOptions(
                escape_char="\\",
                double_quote=True,
                newlines_in_values=True,
                # In a file of one column an empty line is a NULL.
                ignore_empty_lines=len(names) > 1,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                null_values=[""],
            ),
        )


def _read_header(path: Path) -> tuple[list[str], bool]:
    try:
        with _uncompressed(path) as binary:
            text = (line.decode("utf-8-sig") for line in binary)
            nothing: list[str] = []
            header = next(csv.reader(text, escapechar="\\", doublequote=True), nothing)
            return header, bool(next(binary, b""))
    except _DAMAGE as error:
        raise _damaged(error) from error


def _uncompressed(path: Path) -> BinaryIO:
    # AMC does not compress its files; one client in production has met some that were.
    with path.open("rb") as file:
        compressed = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    return cast("BinaryIO", gzip.open(path)) if compressed else path.open("rb")


def _next_batch(reader: pacsv.CSVStreamingReader) -> pa.RecordBatch | None:
    try:
        return reader.read_next_batch()
    except StopIteration:
        return None


def _damaged(error: Exception) -> Retryable:
    return Retryable(f"A result file cannot be read: {error}", hint="It is fetched again.")

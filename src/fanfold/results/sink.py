"""Takes an attempt's rows and leaves Parquet parts and a manifest, in bounded memory."""

from __future__ import annotations

import errno
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pyarrow as pa
from obstore.exceptions import BaseError

from fanfold.results import parts
from fanfold.results.columns import columns_of, storable
from fanfold.results.manifest import Manifest, Part
from fanfold.results.outside import outside
from fanfold.results.parts import PartWriter
from fanfold.results.places import Place
from fanfold.sdk.errors import Permanent, Retryable

log = logging.getLogger(__name__)

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the kind writes, and what is stored of it."""

    given: pa.Schema
    stored: pa.Schema


class ParquetSink:
    """Implements `sdk.context.Sink` for one attempt; one writer at a time.

    Parts count once a manifest that names them is recorded; until then `discard` removes them.
    """

    def __init__(self, place: Place, prefix: str) -> None:
        self._place = place
        self._prefix = prefix
        self._shape: _Shape | None = None
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = 0
        self._waiting_bytes = 0
        self._open: PartWriter | None = None
        self._parts: list[Part] = []

    async def write(self, rows: pa.RecordBatch) -> None:
        """Append rows; an empty first batch gives a result that has columns and no rows."""
        if self._shape is None:
            self._shape = _shape_of(rows.schema)
        elif not rows.schema.equals(self._shape.given):
            raise Permanent(
                "The result changed its columns while it was written.",
                hint="Report this to the author of the kind.",
            )
        self._waiting.append(rows)
        self._waiting_rows += rows.num_rows
        self._waiting_bytes += rows.nbytes
        if self._waiting_rows >= parts.ROW_GROUP_ROWS or self._waiting_bytes >= parts.ROW_GROUP_BYTES:
            await self._flush(self._shape)

    async def finish(self) -> Manifest | None:
        """Close the last part and describe them all; None if nothing was ever written."""
        if self._shape is None:
            return None
        await self._flush(self._shape)
        async with self._reporting():
            await self._close_part()
        return Manifest(
            parts=tuple(self._parts),
            columns=columns_of(self._shape.given),
            row_count=sum(part.rows for part in self._parts),
            byte_count=sum(part.bytes for part in self._parts),
        )

    async def discard(self) -> None:
        """Remove everything that was written; legal until the manifest is recorded, and twice."""
        self._waiting.clear()
        writer, self._open = self._open, None
        if writer is not None:
            await outside(writer.abandon)
        removed, self._parts = self._parts, []
        try:
            await self._place.remove(part.uri for part in removed)
        except (BaseError, OSError) as error:
            # No manifest names them, so nobody sees them; they go with the batch.
            log.warning("results.discard_failed", extra={"place": str(self._place), "error": str(error)})

    async def _flush(self, shape: _Shape) -> None:
        waiting, self._waiting = self._waiting, []
        self._waiting_rows = self._waiting_bytes = 0
        async with self._reporting():
            table = await outside(lambda: _stored(waiting, shape))
            for start in range(0, table.num_rows, parts.ROW_GROUP_ROWS):
                await self._write_group(table.slice(start, parts.ROW_GROUP_ROWS))

    async def _write_group(self, rows: pa.Table) -> None:
        await outside(lambda: self._append(rows))
        if self._open is not None and self._open.full:
            await self._close_part()

    def _append(self, rows: pa.Table) -> None:
        # In one step with the opening: a caller who is cancelled in between must find the file to discard.
        if self._open is None:
            uri = f"{self._prefix}-{len(self._parts)}.parquet"
            self._open = PartWriter(self._place.path(uri), uri=uri, schema=rows.schema)
        self._open.write(rows)

    async def _close_part(self) -> None:
        if self._open is not None:
            part = await outside(self._open.close)
            self._open = None
            self._parts.append(part)
            await self._place.publish(part.uri)

    @asynccontextmanager
    async def _reporting(self) -> AsyncGenerator[None]:
        """Turn what the disk says into what the user can do, and leave no half-written part behind."""
        try:
            yield
        except pa.ArrowInvalid as error:
            await self.discard()
            raise Permanent(f"The rows cannot be stored: {error}") from error
        except BaseError as error:
            await self.discard()
            raise Retryable(
                f"The result store {self._place} takes no rows: {error}",
                hint="Check the store's address, its credentials and the network.",
            ) from error
        except OSError as error:
            await self.discard()
            raise self._disk_failure(error) from error

    def _disk_failure(self, error: OSError) -> Retryable:
        if error.errno in _FULL:
            return Retryable(
                f"The result store is full: no room is left in {self._place}.",
                hint="Free some space there or delete old batches; the operation is tried again.",
            )
        return Retryable(
            f"The result store {self._place} cannot be written: {error.strerror or error}.",
            hint="Check that the folder exists and that the worker may write there.",
        )


def _shape_of(given: pa.Schema) -> _Shape:
    if not given.names:
        raise Permanent("A result needs at least one column.", hint="Report this to the author of the kind.")
    return _Shape(given, storable(given))


def _stored(batches: list[pa.RecordBatch], shape: _Shape) -> pa.Table:
    table = pa.Table.from_batches(batches, schema=shape.given).rename_columns(shape.stored.names)
    # Not "safe": nanoseconds become microseconds, as everywhere in Fanfold.
    return table.cast(shape.stored, safe=False)

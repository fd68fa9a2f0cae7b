"""A batch whose operations' rows went through the real sink and the real manifest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pyarrow as pa

from fanfold.db.database import Database
from fanfold.db.statements import parse
from fanfold.kit.ids import new_batch_id, uuid7
from fanfold.results import manifest
from fanfold.results.asking import Rows
from fanfold.results.exporting import FileFormat
from fanfold.results.filters import Filter
from fanfold.results.manifest import Manifest
from fanfold.results.reader import Page, ResultReader
from fanfold.results.store import ResultStore

_ADD_BATCH = parse(
    "add_batch",
    "-- a sealed batch\n"
    "insert into batches (id, batch_id, user_id, kind, name, sealed_at)"
    " values (:id, :batch_id, :user_id, 'noop', 'results', moment())",
)
_ADD_OPERATION = parse(
    "add_operation",
    "-- an operation of it\n"
    "insert into operations (id, batch_id, user_id, ordinal, item_key, target_id, target)"
    " values (:id, :batch_id, :user_id, :ordinal, :key, :target_id, :target)",
)
_END_OPERATION = parse(
    "end_operation",
    "-- past the engine\nupdate operations set status = :status, finished_at = moment() where id = :id",
)


@dataclass
class ResultBatch:
    """Adds operations with their rows, in the order of the batch."""

    database: Database
    store: ResultStore
    user_id: UUID
    id: UUID
    count: int = 0

    @classmethod
    async def create(cls, database: Database, store: ResultStore, user_id: UUID) -> ResultBatch:
        batch = cls(database, store, user_id, uuid7())
        async with database.transaction() as transaction:
            await transaction.execute(_ADD_BATCH, id=batch.id, batch_id=new_batch_id(), user_id=user_id)
        return batch

    async def add(self, name: str, *rows: pa.RecordBatch, status: str = "completed") -> Added:
        operation_id, target_id = uuid7(), uuid7()
        sink = self.store.sink(batch_id=self.id, operation_id=operation_id, attempt_id=self.count + 1)
        for batch in rows:
            await sink.write(batch)
        written = await sink.finish()
        async with self.database.transaction() as transaction:
            given: dict[str, Any] = {"id": operation_id, "batch_id": self.id, "user_id": self.user_id}
            target = {"ordinal": self.count, "key": f"key-{self.count}", "target_id": target_id}
            await transaction.execute(_ADD_OPERATION, **given, **target, target={"name": name})
            if written is not None:
                await self.record(operation_id, written, transaction)
            if status != "pending":
                await transaction.execute(_END_OPERATION, id=operation_id, status=status)
        self.count += 1
        return Added(operation_id, target_id, written)

    async def record(self, operation_id: UUID, written: Manifest, transaction: Any) -> None:
        await manifest.record(
            transaction,
            batch_id=self.id,
            operation_id=operation_id,
            user_id=self.user_id,
            manifest=written,
        )


@dataclass(frozen=True)
class Added:
    operation_id: UUID
    target_id: UUID
    written: Manifest | None

    @property
    def manifest(self) -> Manifest:
        assert self.written is not None
        return self.written


def rows(**columns: Any) -> pa.RecordBatch:
    """A record batch of the given columns."""
    return pa.RecordBatch.from_pydict(columns)


def asked(*, sort: str | None = None, filters: Sequence[Filter] = (), **chosen: Any) -> Rows:
    return Rows(tuple(filters), sort, **chosen)


async def page(
    reader: ResultReader, batch: ResultBatch, *, limit: int = 100, offset: int = 0, **rows: Any
) -> Page:
    return await reader.page(batch.id, user_id=batch.user_id, limit=limit, offset=offset, rows=asked(**rows))


async def file_of(reader: ResultReader, batch: ResultBatch, form: FileFormat, **rows: Any) -> bytes:
    file = await reader.file(batch.id, form, user_id=batch.user_id, rows=asked(**rows))
    return b"".join([chunk async for chunk in file.chunks])


async def csv_of(reader: ResultReader, batch: ResultBatch, **rows: Any) -> bytes:
    return await file_of(reader, batch, FileFormat.CSV, **rows)


def column(table: Page, name: str) -> list[Any]:
    return [row[name] for row in table.rows]

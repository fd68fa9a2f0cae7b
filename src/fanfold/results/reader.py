"""Reads a batch's result sets as one table: by the page, or as a CSV stream; also while the batch runs.

Only recorded manifests count, and only those that row-level security shows to the acting user.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import duckdb
import pyarrow as pa

from fanfold.db.database import Database
from fanfold.results import csv_lines, manifest
from fanfold.results.columns import INSTANCE_ID, INSTANCE_NAME, ColumnType, UnitedColumn, unite
from fanfold.results.duck import Duck, Query
from fanfold.results.errors import ResultPartMissing, ResultTooLarge, UnreadablePart
from fanfold.results.filters import Filter, check
from fanfold.results.integrity import lost, unreadable
from fanfold.results.manifest import ResultSet
from fanfold.results.outside import outside
from fanfold.results.places import Held
from fanfold.results.scan import Piece, fields_of, pieces_of
from fanfold.results.selection import Selection, owners_query
from fanfold.results.store import ResultStore
from fanfold.results.values import json_column

_CSV_ROWS = 8192
_INSTANCE_COLUMNS = tuple(
    UnitedColumn(name, ColumnType.STRING, None) for name in (INSTANCE_NAME, INSTANCE_ID)
)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of the united table."""

    columns: tuple[UnitedColumn, ...]
    """`_instance_name` and `_instance_id` first; none before the first result."""
    rows: list[dict[str, Any]]
    """Values that JSON knows, by column name."""
    total_rows: int
    """All rows that the filters let through."""

    def body(self) -> dict[str, Any]:
        """Return the `aggregated_data` of contract A; a column in which results differ also has a `note`."""
        return {
            "columns": [
                {"name": each.name, "type": each.type, **({"note": each.note} if each.note else {})}
                for each in self.columns
            ],
            "rows": self.rows,
            "total_rows": self.total_rows,
        }


class ResultReader:
    """Reads for many requests at once; one per process.

    page = await reader.page(batch.id, user_id=user, limit=100, sort="-cost", filters=parse_filters(text))
    return {"aggregated_data": page.body()}

    chunks = await reader.csv(batch.id, user_id=user)  # fails here, before a response begins
    return StreamingResponse(chunks, media_type="text/csv; charset=utf-8")
    """

    def __init__(
        self, store: ResultStore, database: Database, *, memory: str = "512MB", threads: int | None = None
    ) -> None:
        self._place = store.place
        self._database = database
        self._duck = Duck(store.place.folder, memory=memory, threads=threads)

    def close(self) -> None:
        """Wait for the queries under way and free DuckDB."""
        self._duck.close()

    async def result_sets(self, batch_id: UUID, *, user_id: UUID) -> list[ResultSet]:
        """Return the recorded result sets of the batch's completed operations, in the order of the batch."""
        async with self._database.transaction(user_id=user_id) as transaction:
            return await manifest.of_batch(transaction, batch_id=batch_id)

    async def page(
        self,
        batch_id: UUID,
        *,
        user_id: UUID,
        limit: int = 100,
        offset: int = 0,
        sort: str | None = None,
        filters: Sequence[Filter] = (),
    ) -> Page:
        """Return *limit* rows from *offset*, in the order of the batch or sorted by `column` or `-column`.

        Nulls sort last; equal rows keep the order of the batch. Raises `BadInput` for an unknown column or a
        value of the wrong type, `ResultPartMissing`, `ResultTooLarge`.
        """
        selection = await self._select(batch_id, user_id=user_id, sort=sort, filters=filters)
        columns = (*_INSTANCE_COLUMNS, *selection.columns) if selection.columns else ()
        if selection.in_stored_order:
            total, table = selection.row_count, await self._slice(selection, limit=limit, offset=offset)
        else:
            total, table = await self._search(selection, limit=limit, offset=offset)
        rows = [] if table is None else await outside(lambda: _json_rows(table, selection))
        return Page(columns, rows, total)

    async def csv(
        self,
        batch_id: UUID,
        *,
        user_id: UUID,
        sort: str | None = None,
        filters: Sequence[Filter] = (),
    ) -> AsyncGenerator[bytes]:
        """Return all rows as CSV, in chunks made only as fast as they are taken; header first.

        In the order of the batch unless sorted; where many schemas alternate, rows of one schema stand
        together. Raises what `page` raises, before the first chunk as far as it can be known.
        """
        selection = await self._select(batch_id, user_id=user_id, sort=sort, filters=filters)
        chunks = self._csv_chunks(selection)
        return _with_first(await anext(chunks), chunks)

    async def check(self, batch_id: UUID, *, user_id: UUID) -> list[UnreadablePart]:
        """Read every part of a batch and return those that are gone or differ from what was written."""
        pieces = pieces_of(await self.result_sets(batch_id, user_id=user_id))
        async with self._place.held([piece.part for piece in pieces]) as held:
            return await unreadable(pieces, held)

    async def _select(
        self, batch_id: UUID, *, user_id: UUID, sort: str | None, filters: Sequence[Filter]
    ) -> Selection:
        sets = await self.result_sets(batch_id, user_id=user_id)
        if not sets:
            return Selection((), (), (), None)
        columns = unite([each.manifest.columns for each in sets])
        check(filters, sort=sort, fields=fields_of(columns))
        # Instances are chosen before any part is opened, so that one with a lost part can be left out.
        by_instance = [each for each in filters if each.column.lower() in {INSTANCE_NAME, INSTANCE_ID}]
        by_row = [each for each in filters if each not in by_instance]
        if by_instance:
            sets = await self._of_instances(sets, by_instance)
        return Selection(columns, pieces_of(sets), by_row, sort)

    async def _of_instances(self, sets: list[ResultSet], filters: Sequence[Filter]) -> list[ResultSet]:
        query = owners_query(filters, [(each.target_name, each.instance_id) for each in sets])
        return [sets[position] for position in _integers(await self._duck.table(query))]

    async def _slice(self, selection: Selection, *, limit: int, offset: int) -> pa.Table | None:
        pieces = selection.slice(limit=limit, offset=offset)
        if not pieces:
            return None
        async with self._reading(pieces) as held:
            return await self._duck.table(selection.slice_query(pieces, held.paths))

    async def _search(self, selection: Selection, *, limit: int, offset: int) -> tuple[int, pa.Table | None]:
        if not selection.pieces:
            return 0, None
        async with self._reading(selection.pieces) as held:
            total = selection.row_count
            if selection.filters:
                total = await self._number(selection.count_query(held.paths))
            place = await self._duck.table(selection.place_query(held.paths, limit=limit, offset=offset))
            places = list(zip(_integers(place), _integers(place, 1), strict=True))
            if not places:
                return total, None
            return total, await self._duck.table(selection.rows_query(places, held.paths))

    async def _number(self, query: Query) -> int:
        (number,) = _integers(await self._duck.table(query))
        return number

    async def _csv_chunks(self, selection: Selection) -> AsyncGenerator[bytes]:
        chunk = csv_lines.header(selection.columns)
        if selection.pieces:
            async with self._reading(selection.pieces) as held:
                stream = self._duck.stream(selection.csv_query(held.paths), rows=_CSV_ROWS)
                async with aclosing(stream) as batches:
                    async for batch in batches:
                        yield chunk + csv_lines.bytes_of(batch)
                        chunk = b""
        if chunk:
            yield chunk

    @asynccontextmanager
    async def _reading(self, pieces: Sequence[Piece]) -> AsyncGenerator[Held]:
        """Hold the parts, and tell a lost or damaged one from every other failure of a query."""
        async with self._place.held([piece.part for piece in pieces]) as held:
            if held.lost:
                raise ResultPartMissing(lost(pieces, held))
            try:
                yield held
            except duckdb.OutOfMemoryException as error:
                raise ResultTooLarge from error
            except (duckdb.Error, OSError) as error:
                damaged = await unreadable(pieces, held)
                if not damaged:
                    raise
                raise ResultPartMissing(damaged) from error


async def _with_first(first: bytes, chunks: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with aclosing(chunks):
        yield first
        async for chunk in chunks:
            yield chunk


def _json_rows(table: pa.Table, selection: Selection) -> list[dict[str, Any]]:
    owners = [piece.owner for piece in selection.pieces]
    numbers = _integers(table)
    names = [INSTANCE_NAME, INSTANCE_ID, *(column.name for column in selection.columns)]
    values = [json_column(table.column(index)) for index in range(1, table.num_columns)]
    instances = ((owners[number].target_name, owners[number].instance_id) for number in numbers)
    return [
        dict(zip(names, (*instance, *row), strict=True))
        for instance, row in zip(instances, zip(*values, strict=True), strict=True)
    ]


def _integers(table: pa.Table, index: int = 0) -> list[int]:
    column: Any = table.column(index)
    return column.to_pylist()

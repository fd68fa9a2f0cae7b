"""Reads a batch's result sets as one table: by the page, or as a streamed file; also while the batch runs."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import pyarrow as pa

from fanfold.db.database import Database
from fanfold.results.asking import Rows
from fanfold.results.charting import Chart, ChartAsked, draw
from fanfold.results.columns import INSTANCE_ID, INSTANCE_NAME, UnitedColumn
from fanfold.results.duck import Query
from fanfold.results.errors import UnreadablePart
from fanfold.results.exporting import File, FileFormat, Way, way
from fanfold.results.grouping import Grouping, Groups, group
from fanfold.results.manifest import ResultSet
from fanfold.results.notes import ColumnNote
from fanfold.results.outside import outside
from fanfold.results.row_comparison import ComparisonAsked, RowComparison, compare_rows
from fanfold.results.selection import Selection
from fanfold.results.source import ResultSource, integers
from fanfold.results.store import ResultStore
from fanfold.results.values import json_column

_EVERYTHING = Rows()


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of the united table."""

    columns: tuple[UnitedColumn, ...]
    """`_instance_name` and `_instance_id` first unless chosen; none before the first result."""
    rows: list[dict[str, Any]]
    """Values that JSON knows, by column name."""
    total_rows: int
    """All rows that the filters let through."""
    notes: tuple[ColumnNote, ...] = ()
    """Where the instances differ in their columns."""
    skipped: tuple[UnreadablePart, ...] = ()
    """Parts that were left out because they cannot be read."""

    def body(self) -> dict[str, Any]:
        """Return the `aggregated_data` of contract A; notes and skipped parts are there if there are any."""
        body: dict[str, Any] = {
            "columns": [
                {"name": each.name, "type": each.type, **({"note": each.note} if each.note else {})}
                for each in self.columns
            ],
            "rows": self.rows,
            "total_rows": self.total_rows,
        }
        return body | remarks(self.notes, self.skipped)


class ResultReader:
    """Reads for many requests at once; one per process.

    page = await reader.page(batch.id, user_id=user, limit=100, rows=Rows(parse_filters(text), "-cost"))
    return {"aggregated_data": page.body()}

    file = await reader.file(batch.id, FileFormat.XLSX, user_id=user)  # fails here, before a response begins
    return StreamingResponse(file.chunks, media_type=file.form.media_type)
    """

    def __init__(
        self, store: ResultStore, database: Database, *, memory: str = "512MB", threads: int | None = None
    ) -> None:
        self.source = ResultSource(store, database, memory=memory, threads=threads)

    def close(self) -> None:
        """Wait for the queries under way and free DuckDB."""
        self.source.duck.close()

    async def result_sets(self, batch_id: UUID, *, user_id: UUID) -> list[ResultSet]:
        """Return the recorded result sets of the batch's completed operations, in the order of the batch."""
        return await self.source.sets(batch_id, user_id=user_id)

    async def page(
        self, batch_id: UUID, *, user_id: UUID, rows: Rows = _EVERYTHING, limit: int = 100, offset: int = 0
    ) -> Page:
        """Return *limit* rows from *offset*.

        Raises `BadInput` for an unknown column or a value of the wrong type, `ResultPartMissing`,
        `ResultTooLarge`.
        """
        selection = await self.source.select(batch_id, user_id=user_id, rows=rows)
        columns = tuple(each.column for each in selection.shown) if selection.columns else ()
        if selection.in_stored_order:
            total, table = selection.row_count, await self._slice(selection, limit=limit, offset=offset)
        else:
            total, table = await self._search(selection, limit=limit, offset=offset)
        found = [] if table is None else await outside(lambda: _json_rows(table, selection))
        return Page(columns, found, total, selection.notes, selection.skipped)

    async def file(
        self, batch_id: UUID, form: FileFormat, *, user_id: UUID, rows: Rows = _EVERYTHING
    ) -> File:
        """Return all rows as a file in chunks.

        In the order of the batch unless sorted; where many schemas alternate, rows of one schema stand
        together. Raises what `page` raises, before the first chunk as far as it can be known.
        """
        selection = await self.source.select(batch_id, user_id=user_id, rows=rows)
        chunks = self._chunks(selection, way(form, selection))
        return File(form, _with_first(await anext(chunks, b""), chunks), selection.skipped)

    async def groups(
        self, batch_id: UUID, asked: Grouping, *, user_id: UUID, rows: Rows = _EVERYTHING
    ) -> Groups:
        """Return a page of groups of the rows that the filters let through. Raises what `page` raises."""
        return await group(self.source, batch_id, asked=asked, user_id=user_id, rows=rows)

    async def chart(
        self, batch_id: UUID, asked: ChartAsked, *, user_id: UUID, rows: Rows = _EVERYTHING
    ) -> Chart | None:
        """Return series ready to draw, None before the first row. Raises what `page` raises."""
        return await draw(self.source, batch_id, asked=asked, user_id=user_id, rows=rows)

    async def compare(
        self, here: UUID, there: UUID, *, asked: ComparisonAsked, user_id: UUID
    ) -> RowComparison:
        """Compare two batches row by row. Raises what `page` raises."""
        return await compare_rows(self.source, here, there=there, asked=asked, user_id=user_id)

    async def check(self, batch_id: UUID, *, user_id: UUID) -> list[UnreadablePart]:
        """Read every part of a batch and return those that are gone or differ from what was written."""
        return await self.source.check(batch_id, user_id=user_id)

    async def _slice(self, selection: Selection, *, limit: int, offset: int) -> pa.Table | None:
        pieces = selection.slice(limit=limit, offset=offset)
        if not pieces:
            return None
        async with self.source.reading(pieces) as held:
            return await self.source.duck.table(selection.slice_query(pieces, held.paths))

    async def _search(self, selection: Selection, *, limit: int, offset: int) -> tuple[int, pa.Table | None]:
        if not selection.pieces:
            return 0, None
        duck = self.source.duck
        async with self.source.reading(selection.pieces) as held:
            total = selection.row_count
            if selection.filters:
                total = await self._number(selection.count_query(held.paths))
            place = await duck.table(selection.place_query(held.paths, limit=limit, offset=offset))
            places = list(zip(integers(place), integers(place, 1), strict=True))
            if not places:
                return total, None
            return total, await duck.table(selection.rows_query(places, held.paths))

    async def _number(self, query: Query) -> int:
        (number,) = integers(await self.source.duck.table(query))
        return number

    async def _chunks(self, selection: Selection, how: Way) -> AsyncGenerator[bytes]:
        encoder = how.encoder(selection)
        try:
            if selection.pieces:
                async with aclosing(self._batches(selection, how)) as batches:
                    async for batch in batches:
                        if chunk := await outside(partial(encoder.encode, batch)):
                            yield chunk
            if chunk := await outside(encoder.finish):
                yield chunk
        finally:
            encoder.close()

    async def _batches(self, selection: Selection, how: Way) -> AsyncGenerator[pa.RecordBatch]:
        async with self.source.reading(selection.pieces) as held:
            query = how.query(selection, held.paths)
            async with aclosing(self.source.duck.stream(query, rows=how.batch_rows)) as batches:
                async for batch in batches:
                    yield batch


def remarks(notes: tuple[ColumnNote, ...], skipped: tuple[UnreadablePart, ...]) -> dict[str, Any]:
    """Return what an answer says beside its rows, for JSON; empty if there is nothing to say."""
    body: dict[str, Any] = {}
    if notes:
        body["notes"] = [
            {
                "column": each.column,
                "instances": list(each.instances),
                "instance_count": each.instance_count,
                "note": each.note,
            }
            for each in notes
        ]
    if skipped:
        body["skipped"] = [
            {
                "instance_name": each.target_name,
                "execution_id": each.execution_id,
                "part": each.uri,
                "reason": each.reason,
            }
            for each in skipped
        ]
    return body


async def _with_first(first: bytes, chunks: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with aclosing(chunks):
        yield first
        async for chunk in chunks:
            yield chunk


def _json_rows(table: pa.Table, selection: Selection) -> list[dict[str, Any]]:
    numbers = integers(table)
    by_part = selection.instances
    of_instance = {INSTANCE_NAME: by_part["names"], INSTANCE_ID: by_part["ids"]}
    stored = iter(range(1, table.num_columns))
    values = [
        [of_instance[each.column.name][number] for number in numbers]
        if each.is_instance
        else json_column(table.column(next(stored)))
        for each in selection.shown
    ]
    names = [each.column.name for each in selection.shown]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]

"""Reads a batch's result sets as one table: by the page, or as a streamed file; also while the batch runs."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

import pyarrow as pa

from fanfold.db.database import Database
from fanfold.results.aggregation import Aggregator
from fanfold.results.asking import Rows
from fanfold.results.charting import Chart, ChartAsked, draw
from fanfold.results.duck import Query
from fanfold.results.errors import UnreadablePart
from fanfold.results.exporting import File, FileFormat, Way, way
from fanfold.results.grouping import Grouping, Groups, group
from fanfold.results.manifest import ResultSet
from fanfold.results.outside import outside
from fanfold.results.pages import Page, json_rows
from fanfold.results.row_comparison import ComparisonAsked, RowComparison, compare_rows
from fanfold.results.sandbox import Sandbox
from fanfold.results.selection import Selection
from fanfold.results.source import ResultSource, integers
from fanfold.results.store import ResultStore
from fanfold.results.streaming import begun, encoded

_EVERYTHING = Rows()


class ResultReader:
    """Reads for many requests at once; one per process.

    page = await reader.page(batch.id, user_id=user, limit=100, rows=Rows(parse_filters(text), "-cost"))
    return {"aggregated_data": page.body()}

    file = await reader.file(batch.id, FileFormat.XLSX, user_id=user)  # fails here, before a response begins
    return StreamingResponse(file.chunks, media_type=file.form.media_type)
    """

    def __init__(
        self,
        store: ResultStore,
        database: Database,
        *,
        memory: str = "512MB",
        threads: int | None = None,
        sandbox: Sandbox | None = None,
    ) -> None:
        self.source = ResultSource(store, database, memory=memory, threads=threads)
        self.aggregator = Aggregator(self.source, sandbox)

    def close(self) -> None:
        """Wait for the queries under way and free DuckDB."""
        self.aggregator.close()
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
        if rows.aggregate:
            return await self.aggregator.page(
                batch_id, user_id=user_id, rows=rows, limit=limit, offset=offset
            )
        selection = await self.source.select(batch_id, user_id=user_id, rows=rows)
        columns = tuple(each.column for each in selection.shown) if selection.columns else ()
        if selection.in_stored_order:
            total, table = selection.row_count, await self._slice(selection, limit=limit, offset=offset)
        else:
            total, table = await self._search(selection, limit=limit, offset=offset)
        found = [] if table is None else await outside(lambda: json_rows(table, selection))
        return Page(columns, found, total, selection.notes, selection.skipped)

    async def file(
        self, batch_id: UUID, form: FileFormat, *, user_id: UUID, rows: Rows = _EVERYTHING
    ) -> File:
        """Return all rows as a file in chunks.

        In the order of the batch unless sorted; where many schemas alternate, rows of one schema stand
        together. Raises what `page` raises, before the first chunk as far as it can be known.
        """
        if rows.aggregate:
            return await self.aggregator.file(batch_id, form, user_id=user_id, rows=rows)
        selection = await self.source.select(batch_id, user_id=user_id, rows=rows)
        how = way(form, selection)
        batches = self._batches(selection, how) if selection.pieces else None
        return File(form, await begun(encoded(selection, how, batches=batches)), selection.skipped)

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

    async def _batches(self, selection: Selection, how: Way) -> AsyncGenerator[pa.RecordBatch]:
        async with self.source.reading(selection.pieces) as held:
            query = how.query(selection, held.paths)
            async with aclosing(self.source.duck.stream(query, rows=how.batch_rows)) as batches:
                async for batch in batches:
                    yield batch

"""The rows that one request is about, in whatever files they stand: by the page, or as a streamed file."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from dataclasses import dataclass

import pyarrow as pa

from fanfold.results.duck import Duck, Query
from fanfold.results.exporting import File, FileFormat, Way, way
from fanfold.results.outside import outside
from fanfold.results.pages import Page, json_rows
from fanfold.results.places import Held
from fanfold.results.scan import Piece
from fanfold.results.selection import Selection
from fanfold.results.source import integers
from fanfold.results.streaming import begun, encoded


@dataclass(frozen=True, slots=True)
class Reading:
    """Checked: what can be refused was refused when it was made."""

    selection: Selection
    duck: Duck
    held: Callable[[Sequence[Piece]], AbstractAsyncContextManager[Held]]
    """Keeps parts as local files while they are read."""

    async def page(self, *, limit: int, offset: int) -> Page:
        """Return *limit* rows from *offset*. Raises `ResultPartMissing`, `ResultTooLarge`."""
        selection = self.selection
        columns = tuple(each.column for each in selection.shown) if selection.columns else ()
        if selection.in_stored_order:
            total, table = selection.row_count, await self._slice(limit=limit, offset=offset)
        else:
            total, table = await self._search(limit=limit, offset=offset)
        found = [] if table is None else await outside(lambda: json_rows(table, selection))
        return Page(columns, found, total, selection.notes, selection.skipped)

    async def file(self, form: FileFormat, *, until: AsyncExitStack) -> File:
        """Return all rows as a file in chunks; *until* is closed when the last is made or none is wanted.

        Raises `BadInput` for what the format does not take, and as `page` does, before the first chunk.
        """
        return File(form, await begun(self._chunks(form, until=until)), self.selection.skipped)

    async def _chunks(self, form: FileFormat, *, until: AsyncExitStack) -> AsyncGenerator[bytes]:
        async with until:
            how = way(form, self.selection)
            batches = self._batches(how) if self.selection.pieces else None
            file = encoded(self.selection, how, batches=batches, threads=self.duck.threads)
            async with aclosing(file) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def _batches(self, how: Way) -> AsyncGenerator[pa.RecordBatch]:
        async with self.held(self.selection.pieces) as held:
            query = how.query(self.selection, held.paths)
            async with aclosing(self.duck.stream(query, rows=how.batch_rows)) as batches:
                async for batch in batches:
                    yield batch

    async def _slice(self, *, limit: int, offset: int) -> pa.Table | None:
        pieces = self.selection.slice(limit=limit, offset=offset)
        if not pieces:
            return None
        async with self.held(pieces) as held:
            return await self.duck.table(self.selection.slice_query(pieces, held.paths))

    async def _search(self, *, limit: int, offset: int) -> tuple[int, pa.Table | None]:
        selection = self.selection
        if not selection.pieces:
            return 0, None
        async with self.held(selection.pieces) as held:
            total = selection.row_count
            if selection.filters:
                total = await self._number(selection.count_query(held.paths))
            place = await self.duck.table(selection.place_query(held.paths, limit=limit, offset=offset))
            places = list(zip(integers(place), integers(place, 1), strict=True))
            if not places:
                return total, None
            return total, await self.duck.table(selection.rows_query(places, held.paths))

    async def _number(self, query: Query) -> int:
        (number,) = integers(await self.duck.table(query))
        return number

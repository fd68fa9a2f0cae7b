"""Reads a batch's result sets as one table: by the page, or as a streamed file; also while the batch runs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from fanfold.db.database import Database
from fanfold.results.aggregation import Aggregator
from fanfold.results.asking import Rows
from fanfold.results.charting import Chart, ChartAsked, draw
from fanfold.results.duck import Duck
from fanfold.results.errors import UnreadablePart
from fanfold.results.exporting import File, FileFormat
from fanfold.results.grouping import Grouping, Groups, group
from fanfold.results.manifest import ResultSet
from fanfold.results.pages import Page
from fanfold.results.reading import Reading
from fanfold.results.row_comparison import ComparisonAsked, RowComparison, compare_rows
from fanfold.results.sandbox import Sandbox
from fanfold.results.scratch import Scratch
from fanfold.results.source import ResultSource
from fanfold.results.store import ResultStore

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
        memory: str = "256MB",
        threads: int | None = None,
        sandbox: Sandbox | None = None,
    ) -> None:
        self._folder = TemporaryDirectory(prefix="fanfold-scratch-")
        folder = Path(self._folder.name)
        duck = Duck([store.place.folder, folder], memory=memory, threads=threads)
        self.source = ResultSource(store, database, duck=duck)
        self.scratch = Scratch(duck, folder)
        self.aggregator = Aggregator(self.source, self.scratch, sandbox=sandbox)

    def close(self) -> None:
        """Wait for the queries under way and free DuckDB."""
        self.source.duck.close()
        self._folder.cleanup()

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
        async with self._reading(batch_id, user_id=user_id, rows=rows) as reading:
            return await reading.page(limit=limit, offset=offset)

    async def file(
        self, batch_id: UUID, form: FileFormat, *, user_id: UUID, rows: Rows = _EVERYTHING
    ) -> File:
        """Return all rows as a file in chunks.

        In the order of the batch unless sorted; where many schemas alternate, rows of one schema stand
        together. Raises what `page` raises, before the first chunk as far as it can be known.
        """
        held = AsyncExitStack()
        reading = await held.enter_async_context(self._reading(batch_id, user_id=user_id, rows=rows))
        return await reading.file(form, until=held)

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

    async def table(
        self,
        pages: AsyncIterable[Sequence[Mapping[str, Any]]],
        form: FileFormat,
        *,
        columns: Mapping[str, type],
    ) -> File:
        """Return a file of rows that are no results, made by the writers of results.

        Every row has *columns*; of further ones the values tell the types.
        """
        held = AsyncExitStack()
        reading = await held.enter_async_context(self.scratch.written(pages, columns=columns))
        return await reading.file(form, until=held)

    @asynccontextmanager
    async def _reading(self, batch_id: UUID, *, user_id: UUID, rows: Rows) -> AsyncGenerator[Reading]:
        if rows.aggregate:
            async with self.aggregator.answered(batch_id, user_id=user_id, rows=rows) as answer:
                yield answer
        else:
            selection = await self.source.select(batch_id, user_id=user_id, rows=rows)
            yield Reading(selection, self.source.duck, self.source.reading)

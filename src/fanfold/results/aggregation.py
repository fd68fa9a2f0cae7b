"""The rows of a batch as an aggregation of the user's sees them, and its answer as a table like any other."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from fanfold.results.aggregate_sql import SqlProblem
from fanfold.results.asking import SAVED, Rows
from fanfold.results.columns import Column, ColumnType, UnitedColumn, column_type, unite
from fanfold.results.duck import Duck
from fanfold.results.exporting import File, FileFormat, Way, way
from fanfold.results.filters import Field, check
from fanfold.results.literals import quoted, spelled
from fanfold.results.manifest import Manifest, Part, ResultSet
from fanfold.results.outside import outside
from fanfold.results.pages import Page, json_rows
from fanfold.results.sandbox import AggregateRefused, Relation, Sandbox
from fanfold.results.scan import Piece
from fanfold.results.selection import Paths, Selection
from fanfold.results.shown import Shown, all_shown, chosen_of
from fanfold.results.source import ResultSource, integers
from fanfold.results.streaming import begun, encoded

_NOBODY = UUID(int=0)
_EMPTY = {
    ColumnType.STRING: "VARCHAR",
    ColumnType.NUMBER: "DOUBLE",
    ColumnType.BOOLEAN: "BOOLEAN",
    ColumnType.DATE: "DATE",
    ColumnType.TIMESTAMP: "TIMESTAMP",
}


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer that stands in a file, as long as the context lasts that made it."""

    selection: Selection
    paths: Paths


class Aggregator:
    """Runs SQL of users over `results`, which are a batch's rows; one per process.

    The filters of a request choose the rows that go in;
    its sort, columns and page choose what of the answer is shown.
    """

    def __init__(self, source: ResultSource, sandbox: Sandbox | None = None) -> None:
        self._source = source
        self._folder = TemporaryDirectory(prefix="fanfold-answers-")
        self._duck = Duck(Path(self._folder.name), memory="256MB", threads=2)
        self.sandbox = sandbox or Sandbox()

    def close(self) -> None:
        """Free everything."""
        self._duck.close()
        self._folder.cleanup()

    async def check(self, sql: str) -> None:
        """Raise `AggregateRefused` with what can be said against *sql* without any rows."""
        if problems := await self.sandbox.check(sql):
            raise AggregateRefused(problems)

    async def page(
        self, batch_id: UUID, *, user_id: UUID, rows: Rows, limit: int = 100, offset: int = 0
    ) -> Page:
        """Return *limit* rows of the answer from *offset*.

        Raises `AggregateRefused` with what is wrong in `rows.aggregate`, and what a page of rows raises.
        """
        async with self._answered(batch_id, user_id=user_id, rows=rows) as answer:
            selection, paths = answer.selection, answer.paths
            columns = tuple(each.column for each in selection.shown) if selection.columns else ()
            table = await self._table(answer, limit=limit, offset=offset)
            found = [] if table is None else await outside(lambda: json_rows(table, selection))
            total = selection.row_count if paths else 0
        return Page(columns, found, total, selection.notes, selection.skipped)

    async def file(self, batch_id: UUID, form: FileFormat, *, user_id: UUID, rows: Rows) -> File:
        """Return the whole answer as a file in chunks. Raises as `page` does, before the first of them."""
        held = AsyncExitStack()
        answer = await held.enter_async_context(self._answered(batch_id, user_id=user_id, rows=rows))
        chunks = self._chunks(held, answer, form)
        return File(form, await begun(chunks), answer.selection.skipped)

    async def _chunks(self, held: AsyncExitStack, answer: _Answer, form: FileFormat) -> AsyncGenerator[bytes]:
        async with held:
            how = way(form, answer.selection)
            batches = self._batches(answer, how) if answer.paths else None
            async with aclosing(encoded(answer.selection, how, batches=batches)) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def _batches(self, answer: _Answer, how: Way) -> AsyncGenerator[pa.RecordBatch]:
        query = how.query(answer.selection, answer.paths)
        async with aclosing(self._duck.stream(query, rows=how.batch_rows)) as batches:
            async for batch in batches:
                yield batch

    async def _table(self, answer: _Answer, *, limit: int, offset: int) -> pa.Table | None:
        selection, paths = answer.selection, answer.paths
        if selection.in_stored_order:
            pieces = selection.slice(limit=limit, offset=offset)
            return await self._duck.table(selection.slice_query(pieces, paths)) if pieces else None
        if not paths:
            return None
        place = await self._duck.table(selection.place_query(paths, limit=limit, offset=offset))
        places = list(zip(integers(place), integers(place, 1), strict=True))
        return await self._duck.table(selection.rows_query(places, paths)) if places else None

    @asynccontextmanager
    async def _answered(self, batch_id: UUID, *, user_id: UUID, rows: Rows) -> AsyncGenerator[_Answer]:
        sql = await self._sql(batch_id, user_id=user_id, rows=rows)
        asked = Rows(rows.filters, skip_missing=rows.skip_missing)
        selection = await self._source.select(batch_id, user_id=user_id, rows=asked)
        if not selection.columns:
            # Nothing is known of the columns yet, but of the text something can be said.
            await self.check(sql)
            yield _Answer(selection, {})
            return
        with TemporaryDirectory(prefix="answer-", dir=self._folder.name) as folder:
            path, count = await self._run(selection, sql, folder=Path(folder))
            schema = await outside(lambda: _schema(path))
            yield _Answer(_selected(schema, count, rows=rows, of=selection), {"answer": str(path)})

    async def _sql(self, batch_id: UUID, *, user_id: UUID, rows: Rows) -> str:
        if rows.aggregate != SAVED:
            return rows.aggregate or ""
        saved = await self._source.saved_aggregate(batch_id, user_id=user_id)
        if not saved:
            raise AggregateRefused([SqlProblem("The batch's workflow was saved without an aggregation.")])
        return saved

    async def _run(self, selection: Selection, sql: str, *, folder: Path) -> tuple[Path, int]:
        if not selection.pieces:
            return await self.sandbox.answer(sql, Relation(_nothing(selection), ()), folder=folder)
        async with self._source.reading(selection.pieces) as held:
            text = spelled(selection.query(_named(selection), held.paths))
            files = sorted({held.paths[piece.part.uri] for piece in selection.pieces})
            return await self.sandbox.answer(sql, Relation(text, files), folder=folder)


def _schema(path: Path) -> pa.Schema:
    file: Any = pq.ParquetFile(path)
    return file.schema_arrow


def _named(selection: Selection) -> str:
    return ", ".join(f"{each.sql} as {quoted(each.column.name)}" for each in all_shown(selection.columns))


def _nothing(selection: Selection) -> str:
    shown = [each.column for each in all_shown(selection.columns)]
    listed = ", ".join(f"null::{_EMPTY[each.type]} as {quoted(each.name)}" for each in shown)
    return f"select {listed} where false"


def _selected(schema: pa.Schema, count: int, *, rows: Rows, of: Selection) -> Selection:
    """Return the answer as if it were one result of one instance."""
    types = zip(schema.names, map(str, schema.types), strict=True)
    stored = tuple(Column(name, column_type(kind), kind) for name, kind in types)
    columns: Sequence[UnitedColumn] = unite([stored])
    everything = tuple(Shown(column, f"c{index}") for index, column in enumerate(columns))
    known: Mapping[str, Field] = {
        each.column.key: Field(each.comparable, each.column.type) for each in everything
    }
    check((), sort=rows.sort, fields=known)
    parts = (Part("answer", count, 0, ""),) if count else ()
    owner = ResultSet(_NOBODY, "", 0, "", None, "", Manifest(parts, stored, count, 0))
    return Selection(
        columns=columns,
        shown=chosen_of(everything, rows.columns),
        pieces=[Piece(0, owner, part) for part in parts],
        filters=(),
        sort=rows.sort,
        notes=of.notes,
        skipped=of.skipped,
    )

"""The rows of a batch as an aggregation of the user's sees them, and its answer as a table like any other."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from fanfold.results.aggregate_sql import SqlProblem
from fanfold.results.asking import SAVED, Rows
from fanfold.results.columns import ColumnType
from fanfold.results.literals import quoted, spelled
from fanfold.results.outside import outside
from fanfold.results.reading import Reading
from fanfold.results.sandbox import AggregateRefused, Relation, Sandbox
from fanfold.results.scratch import Made, Scratch
from fanfold.results.selection import Selection
from fanfold.results.shown import all_shown
from fanfold.results.source import ResultSource

_EMPTY = {
    ColumnType.STRING: "VARCHAR",
    ColumnType.NUMBER: "DOUBLE",
    ColumnType.BOOLEAN: "BOOLEAN",
    ColumnType.DATE: "DATE",
    ColumnType.TIMESTAMP: "TIMESTAMP",
}


class Aggregator:
    """Runs SQL of users over `results`, which are a batch's rows; one per process.

    The filters of a request choose the rows that go in;
    its sort, columns and page choose what of the answer is shown.
    """

    def __init__(self, source: ResultSource, scratch: Scratch, *, sandbox: Sandbox | None = None) -> None:
        self._source = source
        self._scratch = scratch
        self.sandbox = sandbox or Sandbox()

    async def check(self, sql: str) -> None:
        """Raise `AggregateRefused` with what can be said against *sql* without any rows."""
        if problems := await self.sandbox.check(sql):
            raise AggregateRefused(problems)

    @asynccontextmanager
    async def answered(self, batch_id: UUID, *, user_id: UUID, rows: Rows) -> AsyncGenerator[Reading]:
        """Give the answer to be read, as long as the block lasts.

        Raises `AggregateRefused` with what is wrong in `rows.aggregate`, and what a page of rows raises.
        """
        sql = await self._sql(batch_id, user_id=user_id, rows=rows)
        asked = Rows(rows.filters, skip_missing=rows.skip_missing)
        selection = await self._source.select(batch_id, user_id=user_id, rows=asked)
        if not selection.columns:
            # Nothing is known of the columns yet, but of the text something can be said.
            await self.check(sql)
            yield Reading(selection, self._source.duck, self._source.reading)
            return
        with self._scratch.folder() as folder:
            path, count = await self._run(selection, sql, folder=Path(folder))
            answer = await outside(lambda: Made.at(path, count))
            yield self._scratch.reading([answer], rows, of=selection)

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


def _named(selection: Selection) -> str:
    return ", ".join(f"{each.sql} as {quoted(each.column.name)}" for each in all_shown(selection.columns))


def _nothing(selection: Selection) -> str:
    shown = [each.column for each in all_shown(selection.columns)]
    listed = ", ".join(f"null::{_EMPTY[each.type]} as {quoted(each.name)}" for each in shown)
    return f"select {listed} where false"

"""Where readers start: which parts a request is about, and the parts as local files that were looked at.

Only recorded manifests count, and only those that row-level security shows to the acting user.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import duckdb
import pyarrow as pa

from fanfold.db.database import Database
from fanfold.results import manifest
from fanfold.results.asking import Rows
from fanfold.results.columns import INSTANCE_ID, INSTANCE_NAME, unite
from fanfold.results.duck import Duck
from fanfold.results.errors import ResultPartMissing, ResultsPruned, ResultTooLarge, UnreadablePart
from fanfold.results.filters import Filter, check
from fanfold.results.integrity import lost, unreadable
from fanfold.results.manifest import ResultSet
from fanfold.results.notes import notes_of
from fanfold.results.places import Held
from fanfold.results.scan import Piece, fields_of, pieces_of, without
from fanfold.results.selection import Selection, owners_query
from fanfold.results.shown import all_shown, shown
from fanfold.results.store import ResultStore


class ResultSource:
    """The manifests in the database, the parts in the store, and DuckDB over them."""

    def __init__(self, store: ResultStore, database: Database, *, duck: Duck) -> None:
        self.duck = duck
        self._place = store.place
        self._database = database

    async def sets(self, batch_id: UUID, *, user_id: UUID) -> list[ResultSet]:
        """Return the recorded result sets of the batch's completed operations, in the order of the batch."""
        async with self._database.transaction(user_id=user_id) as transaction:
            return await manifest.of_batch(transaction, batch_id=batch_id)

    async def select(self, batch_id: UUID, *, user_id: UUID, rows: Rows) -> Selection:
        """Return what *rows* asks of a batch; raise `BadInput` that names what its columns do not allow."""
        sets = await self.sets(batch_id, user_id=user_id)
        if not sets:
            await self._not_pruned(batch_id, user_id=user_id)
            return Selection((), all_shown(()), (), (), None)
        columns = unite([each.manifest.columns for each in sets])
        check(rows.filters, sort=rows.sort, fields=fields_of(columns))
        selection = Selection(
            columns=columns,
            shown=shown(columns, rows.columns),
            pieces=(),
            filters=[each for each in rows.filters if not _is_of_instance(each)],
            sort=rows.sort,
            notes=notes_of(sets, columns),
        )
        # Instances are chosen before any part is opened, so that one with a lost part can be left out.
        by_instance = [each for each in rows.filters if _is_of_instance(each)]
        pieces = pieces_of(await self._of_instances(sets, by_instance) if by_instance else sets)
        kept, skipped = await self._readable(pieces) if rows.skip_missing else (pieces, [])
        return replace(selection, pieces=kept, skipped=tuple(skipped))

    async def check(self, batch_id: UUID, *, user_id: UUID) -> list[UnreadablePart]:
        """Read every part of a batch and return those that are gone or differ from what was written."""
        pieces = pieces_of(await self.sets(batch_id, user_id=user_id))
        async with self._place.held([piece.part for piece in pieces]) as held:
            return await unreadable(pieces, held)

    @asynccontextmanager
    async def reading(self, pieces: Sequence[Piece]) -> AsyncGenerator[Held]:
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

    async def saved_aggregate(self, batch_id: UUID, *, user_id: UUID) -> str | None:
        """Return the aggregation that a batch's workflow had when it was submitted."""
        async with self._database.transaction(user_id=user_id) as transaction:
            return await transaction.value(manifest.sql("get_saved_aggregate"), batch_id=batch_id)

    async def _not_pruned(self, batch_id: UUID, *, user_id: UUID) -> None:
        async with self._database.transaction(user_id=user_id) as transaction:
            if count := await transaction.value(manifest.sql("count_pruned"), batch_id=batch_id):
                raise ResultsPruned(count)

    async def _readable(self, pieces: list[Piece]) -> tuple[list[Piece], list[UnreadablePart]]:
        async with self._place.held([piece.part for piece in pieces]) as held:
            return without(pieces, held.lost), lost(pieces, held)

    async def _of_instances(self, sets: list[ResultSet], filters: Sequence[Filter]) -> list[ResultSet]:
        query = owners_query(filters, [(each.target_name, each.instance_id) for each in sets])
        return [sets[position] for position in integers(await self.duck.table(query))]


def integers(table: pa.Table, index: int = 0) -> list[int]:
    """Return a column of whole numbers."""
    column: Any = table.column(index)
    return column.to_pylist()


def _is_of_instance(each: Filter) -> bool:
    return each.column.lower() in {INSTANCE_NAME, INSTANCE_ID}

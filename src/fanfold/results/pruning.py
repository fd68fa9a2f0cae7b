"""Removes rows that were kept long enough; batches, operations and their counts stay."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from fanfold.db.database import Database, Row
from fanfold.results.manifest import sql
from fanfold.results.store import ResultStore

_AT_ONCE = 500


async def prune_results(database: Database, store: ResultStore, *, older_than: timedelta) -> int:
    """Remove the rows of batches that ended longer ago than *older_than*; return how many results went.

    Rows go before the manifests that name them: what a crash leaves is found again the next time. Needs a
    database that acts for the service.
    """
    removed = 0
    after: UUID | None = None
    while found := await _next(database, older_than, after=after):
        await store.place.remove(part["uri"] for row in found for part in row["parts"])
        async with database.transaction() as transaction:
            gone = await transaction.fetch(
                sql("delete_result_sets"), ids=[row["id"] for row in found], older_than=older_than
            )
        removed += len(gone)
        after = found[-1]["id"]
    return removed


async def _next(database: Database, older_than: timedelta, *, after: UUID | None) -> list[Row]:
    async with database.transaction() as transaction:
        return await transaction.fetch(
            sql("list_prunable"), older_than=older_than, after=after, most=_AT_ONCE
        )

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fanfold.db.database import Database
from fanfold.db.statements import parse
from fanfold.results.errors import ResultsPruned
from fanfold.results.exporting import FileFormat
from fanfold.results.pruning import prune_results
from fanfold.results.reader import ResultReader
from fanfold.results.store import ResultStore
from tests.store.result_batches import Added, ResultBatch, column, page, rows

MONTH = timedelta(days=30)

_END = parse(
    "end_batch",
    "-- past the engine\nupdate batches set finished_at = moment() - cast(:ago as interval) where id = :id",
)
_AGE = parse(
    "age_results",
    "-- as if written earlier\n"
    "update result_sets set created_at = moment() - cast(:ago as interval) where operation_id = :id",
)
_COUNT = parse(
    "count_rows", "-- as the engine does\nupdate operations set row_count = 1 where batch_id = :id"
)


async def ended(database: Database, batch: ResultBatch, *added: Added, ago: timedelta) -> None:
    """Let *batch* have ended, and its results have been written, some time ago."""
    async with database.transaction() as transaction:
        await transaction.execute(_COUNT, id=batch.id)
        await transaction.execute(_END, id=batch.id, ago=ago)
        for each in added:
            await transaction.execute(_AGE, id=each.operation_id, ago=ago)


def parts(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.parquet"))


async def test_rows_of_batches_that_ended_long_ago_are_removed(
    service_database: Database, store: ResultStore, reader: ResultReader, batch: ResultBatch, tmp_path: Path
):
    old = [await batch.add(name, rows(n=[1])) for name in ("A", "B")]
    recent = await ResultBatch.create(service_database, store, batch.user_id)
    kept = await recent.add("C", rows(n=[3]))
    await ended(service_database, batch, *old, ago=timedelta(days=31))
    await ended(service_database, recent, kept, ago=timedelta(days=29))

    assert await prune_results(service_database, store, older_than=MONTH) == 2
    assert await prune_results(service_database, store, older_than=MONTH) == 0

    assert [path.relative_to(tmp_path / "rows").as_posix() for path in parts(tmp_path)] == [
        part.uri for part in kept.manifest.parts
    ]
    assert column(await page(reader, recent), "n") == [3]
    with pytest.raises(ResultsPruned, match="2 "):
        await page(reader, batch)
    with pytest.raises(ResultsPruned):
        await reader.file(batch.id, FileFormat.CSV, user_id=batch.user_id)


async def test_a_batch_that_runs_again_keeps_its_rows(
    service_database: Database, store: ResultStore, reader: ResultReader, batch: ResultBatch
):
    old = await batch.add("A", rows(n=[1]))
    async with service_database.transaction() as transaction:
        await transaction.execute(_AGE, id=old.operation_id, ago=timedelta(days=90))
    assert await prune_results(service_database, store, older_than=MONTH) == 0
    assert column(await page(reader, batch), "n") == [1]


async def test_what_a_crash_left_is_removed_the_next_time(
    service_database: Database,
    store: ResultStore,
    batch: ResultBatch,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("fanfold.results.pruning._AT_ONCE", 1)
    old = [await batch.add(name, rows(n=[1])) for name in ("A", "B", "C")]
    await ended(service_database, batch, *old, ago=timedelta(days=31))
    (tmp_path / "rows" / old[1].manifest.parts[0].uri).unlink()
    assert await prune_results(service_database, store, older_than=MONTH) == 3
    assert parts(tmp_path) == []

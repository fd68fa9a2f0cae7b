from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import pytest

from fanfold.db.database import Database
from fanfold.results.errors import ResultPartMissing, ResultTooLarge
from fanfold.results.exporting import FileFormat
from fanfold.results.filters import Filter, Op
from fanfold.results.reader import ResultReader
from fanfold.results.store import ResultStore
from tests.store.result_batches import ResultBatch, column, csv_of, page, rows


def copies(spool: Path) -> list[Path]:
    return list(spool.rglob("*.parquet"))


async def test_a_lost_part_is_named_and_the_other_rows_can_still_be_read(
    reader: ResultReader, batch: ResultBatch, tmp_path: Path
):
    await batch.add("Whole", rows(n=[1, 2]))
    lost = await batch.add("Lost", rows(n=[3, 4]))
    await batch.add("Whole too", rows(n=[5]))
    (tmp_path / "rows" / lost.manifest.parts[0].uri).unlink()

    for reading in (page(reader, batch), page(reader, batch, sort="n"), csv_of(reader, batch)):
        with pytest.raises(ResultPartMissing, match=r"Lost .* is missing") as caught:
            await reading
        assert [part.operation_id for part in caught.value.parts] == [lost.operation_id]

    assert column(await page(reader, batch, limit=2), "n") == [1, 2]
    without = [Filter("_instance_id", Op.NE, str(lost.target_id))]
    assert column(await page(reader, batch, filters=without), "n") == [1, 2, 5]
    assert len((await csv_of(reader, batch, filters=without)).splitlines()) == 4
    assert len(await reader.result_sets(batch.id, user_id=batch.user_id)) == 3


@pytest.mark.parametrize("damage", ["cut", "overwritten"])
async def test_a_damaged_part_is_named(reader: ResultReader, batch: ResultBatch, tmp_path: Path, damage: str):
    await batch.add("Whole", rows(n=[1]))
    damaged = await batch.add("Damaged", rows(n=[2] * 5000, text=["x" * 50] * 5000))
    path = tmp_path / "rows" / damaged.manifest.parts[0].uri
    content = path.read_bytes()
    path.write_bytes(content[:100] if damage == "cut" else b"\0" * len(content))

    for reading in (page(reader, batch), csv_of(reader, batch, sort="n")):
        with pytest.raises(ResultPartMissing, match=r"Damaged .* is damaged"):
            await reading
    assert [part.uri for part in await reader.check(batch.id, user_id=batch.user_id)] == [
        damaged.manifest.parts[0].uri
    ]


async def test_a_single_flipped_bit_is_found_by_the_check(
    reader: ResultReader, batch: ResultBatch, tmp_path: Path
):
    added = await batch.add("Flipped", rows(n=range(1000)))
    assert await reader.check(batch.id, user_id=batch.user_id) == []
    path = tmp_path / "rows" / added.manifest.parts[0].uri
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    (part,) = await reader.check(batch.id, user_id=batch.user_id)
    assert (part.target_name, part.reason) == ("Flipped", "damaged")


async def test_a_flipped_bit_is_found_when_the_part_is_first_read(
    store: ResultStore, batch: ResultBatch, api_database: Database, tmp_path: Path
):
    await batch.add("Whole", rows(n=[1, 2]))
    flipped = await batch.add("Flipped", rows(n=range(1000)))
    path = tmp_path / "rows" / flipped.manifest.parts[0].uri
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    reader = ResultReader(store, api_database, threads=1)
    try:
        assert column(await page(reader, batch, limit=2), "n") == [1, 2]
        for reading in (page(reader, batch, limit=3), csv_of(reader, batch)):
            with pytest.raises(ResultPartMissing, match=r"Flipped .* is damaged"):
                await reading
        rest = await page(reader, batch, skip_missing=True, sort="-n")
        assert (column(rest, "n"), rest.total_rows) == ([2, 1], 2)
        assert [(part.target_name, part.reason) for part in rest.skipped] == [("Flipped", "damaged")]
        path.write_bytes(
            bytes(content[: len(content) // 2])
            + bytes([content[len(content) // 2] ^ 1])
            + bytes(content[len(content) // 2 + 1 :])
        )
        assert (await page(reader, batch)).total_rows == 1002
    finally:
        reader.close()


@pytest.mark.parametrize("form", list(FileFormat))
async def test_a_client_that_goes_away_frees_its_stream(
    reader: ResultReader, batch: ResultBatch, form: FileFormat
):
    await batch.add("Long", rows(n=range(300_000)))
    file = await reader.file(batch.id, form, user_id=batch.user_id)
    await anext(file.chunks)

    await file.chunks.aclose()

    assert column(await page(reader, batch, limit=1), "n") == [0]
    abandoned = await reader.file(batch.id, form, user_id=batch.user_id)
    del abandoned
    assert column(await page(reader, batch, limit=1), "n") == [0]


async def test_a_cancelled_query_is_interrupted(reader: ResultReader, batch: ResultBatch):
    await batch.add("Long", rows(n=range(300_000)))
    asking = asyncio.create_task(csv_of(reader, batch, sort="-n"))
    done, _ = await asyncio.wait({asking}, timeout=0.02)
    asking.cancel()
    if not done:
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert column(await page(reader, batch, limit=1, sort="-n"), "n") == [299_999]


async def test_many_requests_are_answered_at_once(reader: ResultReader, batch: ResultBatch):
    for number in range(5):
        await batch.add(f"I{number}", rows(n=range(number * 1000, number * 1000 + 1000)))

    async def ask(offset: int) -> list[int]:
        table = await page(reader, batch, limit=3, offset=offset, sort="n" if offset % 2 else None)
        return column(table, "n")

    answers = await asyncio.gather(*(ask(offset) for offset in range(0, 4000, 100)), csv_of(reader, batch))
    assert answers[:-1] == [[offset, offset + 1, offset + 2] for offset in range(0, 4000, 100)]


async def test_a_sort_that_does_not_fit_says_what_to_do(
    store: ResultStore, batch: ResultBatch, api_database: Database
):
    await batch.add("Wide", rows(text=[f"{n:0100d}" for n in range(200_000)]))
    small = ResultReader(store, api_database, memory="4MB", threads=1)
    try:
        with pytest.raises(ResultTooLarge, match="filter them"):
            await page(small, batch, sort="-text", limit=100_000)
    finally:
        small.close()


async def test_duckdb_sees_the_parts_and_nothing_else(reader: ResultReader, tmp_path: Path):
    (tmp_path / "secret.csv").write_text("a\n1\n")
    session = reader.source.duck._database.cursor()
    for text in (
        f"select * from read_csv('{tmp_path}/secret.csv')",
        f"select * from read_csv('{tmp_path}/rows/../secret.csv')",
        "install httpfs",
        "set global enable_external_access = true",
        "set global memory_limit = '100GB'",
    ):
        with pytest.raises(
            Exception, match=r"disabled by configuration|Cannot change configuration|Permission"
        ):
            session.execute(text)
    session.close()


async def test_results_in_a_remote_store_are_read_through_a_checked_copy(
    service_database: Database, api_database: Database, user_id: UUID, tmp_path: Path
):
    store = ResultStore.open("memory:///", spool=tmp_path)
    batch = await ResultBatch.create(service_database, store, user_id)
    for number in range(3):
        await batch.add(f"I{number}", rows(n=[number]))
    reader = ResultReader(store, api_database, threads=1)
    try:
        assert column(await page(reader, batch), "n") == [0, 1, 2]
        await store.purge(batch.id)
        with pytest.raises(ResultPartMissing, match="missing"):
            await page(reader, batch)
    finally:
        reader.close()


async def test_copies_of_remote_parts_are_bounded(
    service_database: Database,
    api_database: Database,
    user_id: UUID,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("fanfold.results.store.COPY_BYTES", 1)
    store = ResultStore.open("memory:///", spool=tmp_path)
    batch = await ResultBatch.create(service_database, store, user_id)
    for number in range(3):
        await batch.add(f"I{number}", rows(n=[number]))
    reader = ResultReader(store, api_database, threads=1)
    try:
        assert column(await page(reader, batch), "n") == [0, 1, 2]
        assert copies(tmp_path) == []
        assert column(await page(reader, batch, sort="-n"), "n") == [2, 1, 0]
    finally:
        reader.close()

from __future__ import annotations

import asyncio
import hashlib
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fanfold.results import parts
from fanfold.results.store import ParquetSink, ResultStore
from fanfold.sdk.errors import Permanent, Retryable
from tests.store.result_batches import rows

BATCH = UUID(int=1)
OPERATION = UUID(int=2)


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    return ResultStore.open(str(tmp_path / "rows"))


def sink_of(store: ResultStore, attempt_id: int = 7) -> ParquetSink:
    return store.sink(batch_id=BATCH, operation_id=OPERATION, attempt_id=attempt_id)


def files(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.rglob("*.parquet"))


async def test_a_manifest_describes_what_lies_on_the_disk(store: ResultStore, tmp_path: Path):
    sink = sink_of(store)
    await sink.write(rows(campaign=["a", "b"], cost=[1.5, 2.5]))
    await sink.write(rows(campaign=["c"], cost=[3.5]))

    manifest = await sink.finish()

    assert manifest is not None
    (part,) = manifest.parts
    content = (tmp_path / "rows" / part.uri).read_bytes()
    assert part.uri == f"{BATCH}/{OPERATION}/7-0.parquet"
    assert (part.rows, part.bytes) == (3, len(content))
    assert part.sha256 == hashlib.sha256(content).hexdigest()
    assert [(column.name, column.type, column.arrow) for column in manifest.columns] == [
        ("campaign", "string", "string"),
        ("cost", "number", "double"),
    ]
    assert (manifest.row_count, manifest.byte_count) == (3, len(content))
    stored = pq.read_table(tmp_path / "rows" / part.uri)
    assert stored.to_pydict() == {"campaign": ["a", "b", "c"], "cost": [1.5, 2.5, 3.5]}


async def test_nothing_written_is_no_result_set(store: ResultStore, tmp_path: Path):
    assert await sink_of(store).finish() is None
    assert files(tmp_path) == []


async def test_columns_without_rows_are_a_result_set_without_parts(store: ResultStore, tmp_path: Path):
    sink = sink_of(store)
    await sink.write(pa.RecordBatch.from_pylist([], schema=pa.schema([("cost", pa.float64())])))

    manifest = await sink.finish()

    assert manifest is not None
    assert (manifest.parts, manifest.row_count) == ((), 0)
    assert [column.name for column in manifest.columns] == ["cost"]
    assert files(tmp_path) == []


async def test_a_large_result_becomes_several_parts_that_hold_every_row_once(
    store: ResultStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(parts, "ROW_GROUP_ROWS", 1000)
    monkeypatch.setattr(parts, "PART_BYTES", 10_000)
    sink = sink_of(store)
    for start in range(0, 10_500, 700):
        await sink.write(rows(n=list(range(start, start + 700))))

    manifest = await sink.finish()

    assert manifest is not None
    assert len(manifest.parts) > 2
    assert manifest.row_count == 10_500
    read = [pq.read_table(tmp_path / "rows" / part.uri)["n"].to_pylist() for part in manifest.parts]
    assert [n for part in read for n in part] == list(range(10_500))
    assert [len(part) for part in read] == [part.rows for part in manifest.parts]


async def test_one_big_batch_is_cut_into_row_groups(store: ResultStore, tmp_path: Path):
    sink = sink_of(store)
    await sink.write(rows(n=range(250_000)))
    manifest = await sink.finish()

    assert manifest is not None
    groups = pq.ParquetFile(tmp_path / "rows" / manifest.parts[0].uri).metadata
    assert [groups.row_group(index).num_rows for index in range(groups.num_row_groups)] == [
        100_000,
        100_000,
        50_000,
    ]


async def test_a_discarded_result_leaves_no_file(
    store: ResultStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(parts, "ROW_GROUP_ROWS", 1000)
    monkeypatch.setattr(parts, "PART_BYTES", 4000)
    sink = sink_of(store)
    await sink.write(rows(n=range(20_500)))
    assert len(files(tmp_path)) > 1

    await sink.discard()
    await sink.discard()

    assert list((tmp_path / "rows").iterdir()) == []


async def test_a_finished_result_that_was_refused_can_be_discarded(store: ResultStore, tmp_path: Path):
    sink = sink_of(store)
    await sink.write(rows(n=[1]))
    await sink.finish()
    await sink.discard()
    assert files(tmp_path) == []


@pytest.mark.parametrize("parts_before", [0, 1])
async def test_a_full_disk_is_retryable_names_the_place_and_leaves_no_file(
    store: ResultStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts_before: int
):
    monkeypatch.setattr(parts, "PART_BYTES", 1)
    folder = tmp_path / "rows" / str(BATCH) / str(OPERATION)
    folder.mkdir(parents=True)
    # Every write to /dev/full fails as a full disk does.
    (folder / f"7-{parts_before}.parquet").symlink_to("/dev/full")
    sink = sink_of(store)
    for _ in range(parts_before):
        await sink.write(rows(n=range(100_000)))

    with pytest.raises(Retryable, match="The result store is full") as caught:
        await sink.write(rows(n=range(100_000)))

    assert str(tmp_path / "rows") in caught.value.message
    assert caught.value.hint is not None
    assert files(tmp_path) == []


async def test_a_store_that_cannot_be_written_says_so(tmp_path: Path):
    store = ResultStore.open(str(tmp_path / "rows"))
    (tmp_path / "rows" / str(BATCH)).write_text("in the way")
    sink = sink_of(store)
    await sink.write(rows(n=[1]))
    with pytest.raises(Retryable, match="cannot be written"):
        await sink.finish()


async def test_a_schema_that_changes_is_refused(store: ResultStore):
    sink = sink_of(store)
    await sink.write(rows(n=[1]))
    with pytest.raises(Permanent, match="changed its columns"):
        await sink.write(rows(n=["one"]))


async def test_a_result_without_columns_is_refused(store: ResultStore):
    with pytest.raises(Permanent, match="at least one column"):
        await sink_of(store).write(rows())


async def test_a_cancelled_write_can_be_discarded_at_once(
    store: ResultStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    loop, opening, where = asyncio.get_running_loop(), asyncio.Event(), store.place.path

    def path(uri: str) -> Path:
        loop.call_soon_threadsafe(opening.set)
        return where(uri)

    monkeypatch.setattr(store.place, "path", path)
    sink = sink_of(store)
    writing = asyncio.create_task(sink.write(rows(n=range(200_000))))
    await opening.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing

    await sink.discard()

    assert files(tmp_path) == []


async def test_awkward_names_and_types_are_stored_under_usable_ones(store: ResultStore, tmp_path: Path):
    given = pa.schema(
        [
            ("n", pa.int64()),
            ("N", pa.decimal128(9, 2)),
            ("filename", pa.null()),
            ("", pa.dictionary(pa.int8(), pa.string())),
            ("at", pa.timestamp("ns")),
            ("_instance_id", pa.large_string()),
        ]
    )
    sink = sink_of(store)
    at = [1_700_000_000_123_456_789]
    await sink.write(
        pa.RecordBatch.from_arrays(
            [
                pa.array([1]),
                pa.array([Decimal("1.25")], pa.decimal128(9, 2)),
                pa.nulls(1),
                pa.array(["x"]).dictionary_encode().cast(given.field(3).type),
                pa.array(at, pa.timestamp("ns")),
                pa.array(["y"], pa.large_string()),
            ],
            schema=given,
        )
    )
    manifest = await sink.finish()

    assert manifest is not None
    assert [(column.name, column.arrow) for column in manifest.columns] == [
        ("n", "int64"),
        ("N_2", "decimal128(9, 2)"),
        ("filename_2", "null"),
        ("column_4", "string"),
        ("at", "timestamp[us, tz=UTC]"),
        ("_instance_id_2", "string"),
    ]
    (row,) = pq.read_table(tmp_path / "rows" / manifest.parts[0].uri).to_pylist()
    assert row["N_2"] == Decimal("1.25")
    assert row["column_4"] == "x"
    assert row["at"].isoformat() == "2023-11-14T22:13:20.123456+00:00"


async def test_a_later_attempt_keeps_only_its_own_parts(store: ResultStore, tmp_path: Path):
    lost, kept = sink_of(store, 1), sink_of(store, 2)
    await lost.write(rows(n=[1]))
    await lost.finish()
    await kept.write(rows(n=[2]))
    manifest = await kept.finish()
    assert manifest is not None

    await store.keep_only(manifest, batch_id=BATCH, operation_id=OPERATION)

    assert files(tmp_path) == ["2-0.parquet"]


async def test_purging_a_batch_removes_its_rows_and_no_others(store: ResultStore, tmp_path: Path):
    for batch_id in (BATCH, UUID(int=9)):
        for attempt_id in (1, 2):
            sink = store.sink(batch_id=batch_id, operation_id=UUID(int=attempt_id), attempt_id=attempt_id)
            await sink.write(rows(n=[1]))
            await sink.finish()

    await store.purge(BATCH)
    await store.purge(BATCH)

    assert [path.name for path in (tmp_path / "rows").iterdir()] == [str(UUID(int=9))]
    assert len(files(tmp_path)) == 2


async def test_a_remote_store_gets_whole_parts_and_the_spool_is_cleared(tmp_path: Path):
    store = ResultStore.open("memory:///", spool=tmp_path)
    sink = sink_of(store)
    await sink.write(rows(n=[1, 2]))
    manifest = await sink.finish()
    assert manifest is not None

    assert files(tmp_path) == []
    assert await store.place.names(str(BATCH)) == [manifest.parts[0].uri]
    async with store.place.held(manifest.parts) as held:
        assert pq.read_table(held.paths[manifest.parts[0].uri]).to_pydict() == {"n": [1, 2]}
    await store.purge(BATCH)
    assert await store.place.names(str(BATCH)) == []
    async with store.place.held(manifest.parts) as held:
        assert held.lost == {manifest.parts[0].uri: "missing"}

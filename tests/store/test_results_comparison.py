from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
import pytest_asyncio

from fanfold.db.database import Database
from fanfold.results.reader import ResultReader
from fanfold.results.row_comparison import ComparisonAsked, RowChange, RowComparison
from fanfold.results.store import ResultStore
from fanfold.sdk.errors import BadInput
from tests.store.result_batches import ResultBatch, rows


@pytest_asyncio.fixture
async def earlier(service_database: Database, store: ResultStore, user_id: UUID) -> ResultBatch:
    return await ResultBatch.create(service_database, store, user_id)


async def compare(
    reader: ResultReader, batch: ResultBatch, earlier: ResultBatch, **given: Any
) -> RowComparison:
    return await reader.compare(batch.id, earlier.id, asked=ComparisonAsked(**given), user_id=batch.user_id)


def counts(found: RowComparison) -> tuple[int, int, int, int]:
    return found.same, found.only_here, found.only_there, found.different


async def test_rows_meet_by_key_and_differing_columns_are_named(
    reader: ResultReader, batch: ResultBatch, earlier: ResultBatch
):
    await batch.add("EU", rows(id=[1, 2, 3, 4], cost=[1.0, 2.5, None, 4.0], text=["a", "b", "c", "d"]))
    await earlier.add("EU", rows(id=[5, 3, 2, 1], cost=[5.0, None, 2.0, 1.0], text=["e", "c", "B", "a"]))

    found = await compare(reader, batch, earlier, key=("ID",), across_instances=True)

    assert counts(found) == (2, 1, 1, 1)
    assert (found.here_rows, found.there_rows, found.total_rows, found.repeated_keys) == (4, 4, 3, 0)
    assert found.different_by_column == {"cost": 1, "text": 1}
    by_change = {row.change: row for row in found.rows}
    different = by_change[RowChange.DIFFERENT]
    assert (different.key, different.differing, different.instance_name) == (
        {"id": 2},
        ["cost", "text"],
        "EU",
    )
    assert different.here == {"id": 2, "cost": 2.5, "text": "b"}
    assert different.there == {"id": 2, "cost": 2.0, "text": "B"}
    assert (by_change[RowChange.ONLY_HERE].key, by_change[RowChange.ONLY_HERE].there) == ({"id": 4}, None)
    assert (by_change[RowChange.ONLY_THERE].key, by_change[RowChange.ONLY_THERE].here) == ({"id": 5}, None)


async def test_rows_of_other_instances_do_not_meet(
    reader: ResultReader, batch: ResultBatch, earlier: ResultBatch
):
    await batch.add("EU", rows(id=[1]))
    await earlier.add("US", rows(id=[1]))
    assert counts(await compare(reader, batch, earlier, key=("id",))) == (0, 1, 1, 0)
    assert counts(await compare(reader, batch, earlier, key=("id",), across_instances=True)) == (1, 0, 0, 0)


async def test_a_batch_is_the_same_as_itself_and_without_key_whole_rows_meet(
    reader: ResultReader, batch: ResultBatch, earlier: ResultBatch
):
    await batch.add("EU", rows(id=[1, 1, 2, None], tags=[["x"], ["x"], [], None]))
    assert counts(await compare(reader, batch, batch)) == (4, 0, 0, 0)
    await earlier.add("EU", rows(id=[1, 2], tags=[["x"], ["y"]]))
    found = await compare(reader, batch, earlier, across_instances=True)
    assert counts(found) == (1, 3, 1, 0)
    assert found.repeated_keys == 1


async def test_a_tolerance_forgives_numbers_alone(
    reader: ResultReader, batch: ResultBatch, earlier: ResultBatch
):
    await batch.add("EU", rows(id=[1, 2, 3], n=[1.0, 2.0, None]))
    await earlier.add("EU", rows(id=[1, 2, 3], n=[1.001, 2.5, 0.0]))
    found = await compare(reader, batch, earlier, key=("id",), across_instances=True, tolerance=0.01)
    assert counts(found) == (1, 0, 0, 2)
    exact = await compare(reader, batch, earlier, key=("id",), across_instances=True)
    assert counts(exact) == (0, 0, 0, 3)


async def test_columns_of_one_side_are_named_and_types_are_widened(
    reader: ResultReader, batch: ResultBatch, earlier: ResultBatch
):
    await batch.add("EU", rows(id=[1, 2], n=pa.array([1, 2], pa.int32()), new=["x", "y"]))
    await earlier.add("EU", rows(id=[1, 2], n=[1.0, 2.5], old=["x", "y"]))
    found = await compare(reader, batch, earlier, key=("id",), across_instances=True)
    assert counts(found) == (1, 0, 0, 1)
    assert (found.only_here_columns, found.only_there_columns) == (["new"], ["old"])


async def test_changes_are_chosen_and_paged(reader: ResultReader, batch: ResultBatch, earlier: ResultBatch):
    await batch.add("EU", rows(id=range(10), n=[0] * 10))
    await earlier.add("EU", rows(id=range(5, 15), n=[0] * 9 + [1]))
    given = {"key": ("id",), "across_instances": True, "changes": (RowChange.ONLY_HERE,), "limit": 2}
    pages = [await compare(reader, batch, earlier, **given, offset=offset) for offset in (0, 2, 4)]
    assert [row.key["id"] for page in pages for row in page.rows] == [0, 1, 2, 3, 4]
    assert {page.total_rows for page in pages} == {5}


async def test_one_side_may_have_no_rows(reader: ResultReader, batch: ResultBatch, earlier: ResultBatch):
    assert counts(await compare(reader, batch, earlier)) == (0, 0, 0, 0)
    await batch.add("EU", rows(id=[1, 2]))
    assert counts(await compare(reader, batch, earlier)) == (0, 2, 0, 0)
    assert counts(await compare(reader, earlier, batch)) == (0, 0, 2, 0)


async def test_a_key_must_be_in_both(reader: ResultReader, batch: ResultBatch, earlier: ResultBatch):
    await batch.add("EU", rows(id=[1], x=[1]))
    await earlier.add("EU", rows(id=[1], y=[1]))
    with pytest.raises(BadInput) as caught:
        await compare(reader, batch, earlier, key=("id", "x", "gone"))
    assert [problem.pointer for problem in caught.value.problems] == ["/key", "/key"]


async def test_a_result_without_rows_is_compared_by_its_columns(
    reader: ResultReader, batch: ResultBatch, earlier: ResultBatch
):
    day = date(2026, 1, 1)
    filled = rows(id=["a", "b"], n=[1, 2], tags=[["x"], None], text=["p", "q"], day=[day, None])
    await batch.add("EU", filled)
    await earlier.add("EU", filled.slice(0, 0))
    given = {"key": ("id",), "across_instances": True}
    assert counts(await compare(reader, batch, earlier, **given)) == (0, 2, 0, 0)
    found = await compare(reader, earlier, batch, **given)
    assert counts(found) == (0, 0, 2, 0)
    assert [row.there and row.there["tags"] for row in found.rows] == [["x"], None]
    assert counts(await compare(reader, earlier, earlier, **given)) == (0, 0, 0, 0)

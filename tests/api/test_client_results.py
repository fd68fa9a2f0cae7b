"""The SDK's door to a batch's rows, against the whole application."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import pytest_asyncio

from fanfold.client import AsyncClient, BadInput
from fanfold.client.results import AsyncResults
from tests.api.full_app import Site
from tests.api.test_results import giving

EU_ONLY = [{"column": "_instance_name", "op": "eq", "value": "EU"}]


@pytest_asyncio.fixture
async def results(site: Site) -> AsyncIterator[AsyncResults]:
    """The rows of two targets, of which one has a column less."""
    site.kind.script("eu", giving(campaign=["a", "=b"], cost=[1.5, 2.5]))
    site.kind.script("us", giving(campaign=["a"]))
    batch = await site.submit("eu", "us")
    await site.drain()
    token = site.services.access.issue_token(site.ada)
    inside = httpx.ASGITransport(app=site.app)
    async with AsyncClient("http://fanfold.test", token, transport=inside, retry_pauses=()) as client:
        yield (await client.batches.get(batch.batch_id)).results()


async def test_a_page_carries_its_notes(results: AsyncResults):
    page = await results.page(limit=1, sort="-cost", columns=["cost", "_instance_name"])
    assert page.rows == ({"cost": 2.5, "_instance_name": "EU"},)
    assert page.total_rows == 3
    assert [(note.column, note.instances) for note in page.notes] == [("cost", ("US",))]
    assert page.columns[0].note == "missing in 1 of 2 results"


async def test_groups_are_computed_by_the_server(results: AsyncResults):
    found = await results.groups("campaign", measures=["sum:cost", "count"], sort="-count", limit=1)
    assert found.rows == ({"campaign": "a", "sum:cost": 1.5, "count": 2},)
    assert (found.total_rows, [column.aggregate for column in found.columns]) == (
        2,
        [None, "sum:cost", "count"],
    )


async def test_groups_are_pivoted(results: AsyncResults):
    found = await results.groups("campaign", pivot="_instance_name", where=EU_ONLY)
    assert [column.name for column in found.columns] == ["campaign", "EU"]


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx", "parquet", "arrow"])
async def test_every_form_is_saved_whole(results: AsyncResults, tmp_path: Path, form: str):
    path = await results.save(tmp_path / f"table.{form}", where=EU_ONLY)
    assert [one.name for one in tmp_path.iterdir()] == [f"table.{form}"]
    content = path.read_bytes()
    if form == "csv":
        assert content.decode().splitlines()[2].endswith('"\'=b",2.5')
    elif form == "jsonl":
        assert [json.loads(line)["cost"] for line in content.splitlines()] == [1.5, 2.5]
    elif form == "parquet":
        assert pq.read_table(io.BytesIO(content)).column("cost").to_pylist() == [1.5, 2.5]
    elif form == "arrow":
        assert pa.ipc.open_stream(content).read_all().num_rows == 2
    else:
        assert content.startswith(b"PK")


async def test_the_table_comes_with_its_types(results: AsyncResults):
    table = await results.to_arrow(sort="-cost", columns=["cost", "campaign"])
    assert table.to_pylist()[0] == {"cost": 2.5, "campaign": "=b"}


async def test_a_refused_file_leaves_nothing(results: AsyncResults, tmp_path: Path):
    with pytest.raises(BadInput, match="nothing"):
        await results.save(tmp_path / "table.csv", columns=["nothing"])
    assert not list(tmp_path.iterdir())


async def test_a_file_must_say_what_it_is(results: AsyncResults, tmp_path: Path):
    with pytest.raises(ValueError, match="give the form"):
        await results.save(tmp_path / "table.txt")


async def test_an_aggregation_is_shown_saved_and_tried(results: AsyncResults, tmp_path: Path):
    sql = "select campaign, sum(cost) as cost from results group by 1"
    page = await results.page(aggregate=sql, sort="-cost", limit=1)
    assert (page.rows, page.total_rows) == (({"campaign": "=b", "cost": 2.5},), 2)
    path = await results.save(tmp_path / "totals.jsonl", aggregate=sql, where=EU_ONLY, sort="cost")
    assert [json.loads(line)["cost"] for line in path.read_text().splitlines()] == [1.5, 2.5]
    report = await results.try_aggregate("select nothing from results")
    assert (report.ok, report.problems[0].line, report.problems[0].column) == (False, 1, 8)
    assert (await results.try_aggregate(sql, limit=1)).total_rows == 2


async def test_a_chart_and_a_comparison_row_by_row_come_as_values(results: AsyncResults, site: Site):
    chart = await results.chart("campaign", "sum:cost", series="_instance_name", where=EU_ONLY)
    assert sorted(zip(chart.categories, chart.series[0].values, strict=True)) == [("=b", 2.5), ("a", 1.5)]
    assert (chart.series[0].name, chart.y and chart.y.type) == ("EU", "number")

    site.kind.script("eu", giving(campaign=["a", "=b"], cost=[1.5, 3.5]))
    later = await site.submit("eu")
    await site.drain()
    found = await results.compare(later.batch_id, key=["campaign"], change=["different"])
    assert (found.same, found.different, found.only_here) == (1, 1, 1)
    assert [(row.key["campaign"], row.differing) for row in found.rows] == [("=b", ("cost",))]

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fanfold.results.store import ResultStore
from fanfold.sdk.context import Context
from fanfold.sdk.outcome import Completed
from tests.api.full_app import Site


def giving(**columns: Any) -> Callable[[Context], Any]:
    """A step that leaves these rows."""

    async def write(context: Context) -> Completed:
        await context.sink.write(pa.RecordBatch.from_pydict(columns))
        return Completed({})

    return write


async def shoes(site: Site, *, more: int = 0) -> str:
    """A finished batch of two targets."""
    site.kind.script("eu", giving(campaign=["a", "b"], cost=[1.5, 2.5 + more]))
    site.kind.script("us", giving(campaign=["a"], cost=[4.0]))
    batch = await site.submit("eu", "us")
    await site.drain()
    return batch.batch_id


async def test_a_page_of_rows_with_their_columns(site: Site, as_ada: httpx.AsyncClient):
    job = await shoes(site)
    answer = await as_ada.get(
        f"/batch/jobs/{job}/results", params={"sort": "-cost", "limit": 2, "columns": "_instance_name,cost"}
    )
    assert answer.json() == {
        "job_id": job,
        "limit": 2,
        "offset": 0,
        "columns": [{"name": "_instance_name", "type": "string"}, {"name": "cost", "type": "number"}],
        "rows": [{"_instance_name": "US", "cost": 4.0}, {"_instance_name": "EU", "cost": 2.5}],
        "total_rows": 3,
    }


@pytest.mark.parametrize(
    ("form", "media_type", "suffix"),
    [
        ("csv", "text/csv; charset=utf-8", "csv"),
        ("jsonl", "application/x-ndjson", "jsonl"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        ("parquet", "application/vnd.apache.parquet", "parquet"),
        ("arrow", "application/vnd.apache.arrow.stream", "arrows"),
    ],
)
async def test_files_say_what_they_are(
    site: Site, as_ada: httpx.AsyncClient, form: str, media_type: str, suffix: str
):
    job = await shoes(site)
    for url in (f"/batch/jobs/{job}/results", f"/workflows/batch/{job}/results"):
        answer = await as_ada.get(url, params={"format": form})
        assert answer.headers["Content-Type"] == media_type
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{job}.{suffix}"'
        assert answer.content


async def test_a_file_holds_all_rows_that_the_filter_lets_through(site: Site, as_ada: httpx.AsyncClient):
    job = await shoes(site)
    wanted = json.dumps([{"column": "campaign", "op": "eq", "value": "a"}])
    answer = await as_ada.get(
        f"/workflows/batch/{job}/results", params={"format": "parquet", "filter": wanted, "sort": "-cost"}
    )
    assert pq.read_table(io.BytesIO(answer.content)).column("cost").to_pylist() == [4.0, 1.5]


@pytest.mark.parametrize("form", ["json", "csv", "jsonl", "xlsx", "parquet", "arrow"])
async def test_what_is_wrong_is_a_problem_and_no_file(site: Site, as_ada: httpx.AsyncClient, form: str):
    job = await shoes(site)
    answer = await as_ada.get(
        f"/batch/jobs/{job}/results", params={"format": form, "columns": "cost,nothing"}
    )
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"] == [{"pointer": "/columns", "message": "There is no column 'nothing'."}]


async def test_rows_of_others_do_not_exist(site: Site, as_mallory: httpx.AsyncClient):
    job = await shoes(site)
    for form in ("json", "csv"):
        answer = await as_mallory.get(f"/batch/jobs/{job}/results", params={"format": form})
        assert answer.status_code == 404


async def test_lost_rows_are_named_and_left_out_on_demand(site: Site, as_ada: httpx.AsyncClient):
    job = await shoes(site)
    store = ResultStore.open(site.services.settings.results_url).place.folder
    sets = await site.services.results.result_sets(
        (await site.services.batch_reader.get(job, user_id=site.ada.id)).id, user_id=site.ada.id
    )
    lost = next(each for each in sets if each.target_name == "EU")
    part = lost.manifest.parts[0].uri
    (store / part).unlink()

    refused = await as_ada.get(f"/batch/jobs/{job}/results", params={"format": "csv"})
    assert (refused.status_code, refused.json()["code"]) == (409, "results_lost")
    assert part in refused.json()["detail"]
    assert "EU" in refused.json()["detail"]

    page = (await as_ada.get(f"/batch/jobs/{job}/results", params={"skip_missing": True})).json()
    assert [row["_instance_name"] for row in page["rows"]] == ["US"]
    assert (page["total_rows"], page["skipped"]) == (
        1,
        [
            {
                "instance_name": "EU",
                "execution_id": lost.execution_id,
                "part": part,
                "reason": "missing",
            }
        ],
    )
    file = await as_ada.get(f"/batch/jobs/{job}/results", params={"skip_missing": True, "format": "jsonl"})
    assert file.headers["Fanfold-Skipped-Parts"] == "1"
    assert [json.loads(line)["_instance_name"] for line in file.text.splitlines()] == ["US"]


async def test_rows_are_grouped_and_pivoted(site: Site, as_ada: httpx.AsyncClient):
    job = await shoes(site)
    asked = {"group_by": "campaign", "aggregate": "sum:cost", "sort": "-sum:cost", "limit": 1}
    answer = await as_ada.get(f"/batch/jobs/{job}/results/groups", params=asked)
    key = {"aggregate": None, "pivot": None, "is_other": False}
    assert answer.json() == {
        "job_id": job,
        "limit": 1,
        "offset": 0,
        "columns": [
            {"name": "campaign", "type": "string", **key},
            {"name": "sum:cost", "type": "number", **key, "aggregate": "sum:cost"},
        ],
        "rows": [{"campaign": "a", "sum:cost": 5.5}],
        "total_rows": 2,
    }
    pivoted = await as_ada.get(
        f"/batch/jobs/{job}/results/groups", params={"group_by": "campaign", "pivot": "_instance_name"}
    )
    assert pivoted.json()["rows"] == [
        {"campaign": "a", "EU": 1, "US": 1},
        {"campaign": "b", "EU": 1, "US": 0},
    ]


async def test_a_chart_is_ready_to_draw(site: Site, as_ada: httpx.AsyncClient):
    job = await shoes(site)
    asked = {"x": "campaign", "y": "sum:cost", "series": "_instance_name", "points": 1}
    answer = await as_ada.get(f"/batch/jobs/{job}/results/chart", params=asked)
    assert answer.json() == {
        "job_id": job,
        "x": {"name": "campaign", "type": "string", "bucket": None, "bin_width": None},
        "y": {"name": "sum:cost", "type": "number"},
        "categories": ["a", "Other"],
        "has_other": True,
        "series": [
            {"name": "EU", "values": [1.5, 2.5], "is_other": False},
            {"name": "US", "values": [4.0, None], "is_other": False},
        ],
    }


async def test_two_jobs_are_compared_row_by_row(site: Site, as_ada: httpx.AsyncClient):
    earlier, job = await shoes(site), await shoes(site, more=1)
    asked = {"key": "campaign", "change": "different"}
    answer = (await as_ada.get(f"/batch/jobs/{job}/compare/{earlier}/rows", params=asked)).json()
    assert (answer["same"], answer["different"], answer["only_here"], answer["total_rows"]) == (2, 1, 0, 1)
    assert answer["different_by_column"] == {"cost": 1}
    assert answer["rows"] == [
        {
            "change": "different",
            "instance_name": "EU",
            "key": {"campaign": "b"},
            "here": {"campaign": "b", "cost": 3.5},
            "there": {"campaign": "b", "cost": 2.5},
            "differing": ["cost"],
        }
    ]


ROUTES = ["results/groups?group_by=campaign", "results/chart?x=campaign", "compare/{other}/rows"]


@pytest.mark.parametrize("route", ROUTES)
async def test_what_is_said_of_rows_is_said_to_their_owner_alone(
    site: Site, as_ada: httpx.AsyncClient, as_mallory: httpx.AsyncClient, route: str
):
    job, other = await shoes(site), await shoes(site)
    url = f"/batch/jobs/{job}/{route.format(other=other)}"
    assert (await as_ada.get(url)).status_code == 200
    assert (await as_mallory.get(url)).status_code == 404


@pytest.mark.parametrize(
    ("route", "pointer"),
    [
        ("results/groups?group_by=gone", "/group_by"),
        ("results/groups?aggregate=sum:campaign", "/aggregate"),
        ("results/groups?aggregate=sum(cost)", "/aggregate"),
        ("results/chart?x=cost:month", "/x"),
        ("results/chart?x=campaign&y=sum", "/y"),
        ("results/chart?x=campaign&series=gone", "/series"),
        ("compare/{other}/rows?key=gone", "/key"),
        ("compare/{job}/rows", "/other_id"),
    ],
)
async def test_what_cannot_be_said_of_rows_is_named(
    site: Site, as_ada: httpx.AsyncClient, route: str, pointer: str
):
    job, other = await shoes(site), await shoes(site)
    answer = await as_ada.get(f"/batch/jobs/{job}/{route.format(job=job, other=other)}")
    assert answer.status_code == 400
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]

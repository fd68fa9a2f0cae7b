"""One row per target as a file, in every format, as filtered."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import Any

import httpx
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fanfold.batches.exporting import COLUMNS, MOST_SUMMARY_COLUMNS, REST, FlatSummaries
from fanfold.batches.model import Batch, Item, Submission
from fanfold.sdk.context import Context, Target
from fanfold.sdk.errors import Permanent
from fanfold.sdk.outcome import Completed
from tests.api.full_app import Site

Rows = list[dict[str, Any]]
EU = {"region": "eu", "brands": ["Acme", "Öl"], "tags": ["big", "=now()"]}


def fail(_context: Context) -> Exception:
    return Permanent("=No.", hint="Ask.")


def say(**summary: Any) -> Any:
    return lambda _context: Completed(summary)


async def submitted(site: Site) -> Batch:
    items = [
        Item(Target(key="=evil()", name='say "hi",\nyou', attributes=EU), {"window": 9}),
        Item(Target(key="b", name="B", attributes={"region": 7})),
        Item(Target(key="c", name="C")),
    ]
    site.kind.script("=evil()", fail)
    site.kind.script("b", say(seen={"rows": 5, "first": "-1"}, cost=-2, names=["x"]))
    site.kind.script("c", say(seen={"rows": 6}, cost=1.5, **{"=odd, ": True}))
    submission = Submission(site.kind.name, "export", items, parameters={"window": 7})
    batch = await site.services.batches.submit(submission, user_id=site.ada.id)
    await site.drain()
    return batch


def read(form: str, content: bytes) -> Rows:
    if form == "csv":
        return list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    if form == "xlsx":
        (sheet,) = openpyxl.load_workbook(io.BytesIO(content)).worksheets
        head, *lines = sheet.iter_rows(values_only=True)
        return [dict(zip(map(str, head), line, strict=True)) for line in lines]
    if form == "parquet":
        return pq.read_table(io.BytesIO(content)).to_pylist()
    return pa.ipc.open_stream(content).read_all().to_pylist()


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet", "arrow"])
async def test_every_table_has_one_row_per_target(site: Site, as_ada: httpx.AsyncClient, form: str):
    batch = await submitted(site)
    answer = await as_ada.get(f"/batch/jobs/{batch.batch_id}/operations.{form}")
    assert f'filename="{batch.batch_id}-operations.{form}' in answer.headers["content-disposition"]
    rows = read(form, answer.content)
    names = ["summary.cost", "summary.seen.rows", "summary.seen.first", "summary.names", "summary.=odd, "]
    assert list(rows[0]) == [*COLUMNS, *names]
    guard = "'" if form == "csv" else ""
    first, second, third = rows
    assert [row["target_key"] for row in rows] == [f"{guard}=evil()", "b", "c"]
    assert (first["target_name"], first["region"], first["brands"]) == ('say "hi",\nyou', "eu", "Acme, Öl")
    assert (first["tags"], first["status"], first["reason"]) == ("big, =now()", "failed", "error")
    assert (first["error_message"], first["error_hint"]) == (f"{guard}=No.", "Ask.")
    assert (first["error_class"], len(first["fingerprint"]) > 0) == ("Permanent", True)
    assert json.loads(first["parameters"]) == {"window": 9}
    assert json.loads(second["parameters"]) == {"window": 7}
    assert json.loads(first["attributes"]) == EU
    assert not second["region"]
    assert [float(row["summary.cost"]) for row in (second, third)] == [-2, 1.5]
    assert second["summary.seen.first"] == f"{guard}-1"
    assert json.loads(second["summary.names"]) == ["x"]
    assert not first["summary.cost"]


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
async def test_a_table_keeps_the_types(site: Site, as_ada: httpx.AsyncClient, form: str):
    batch = await submitted(site)
    answer = await as_ada.get(f"/batch/jobs/{batch.batch_id}/operations.{form}")
    row = read(form, answer.content)[2]
    assert isinstance(row["started_at"], datetime)
    assert isinstance(row["duration_ms"], int)
    assert (row["attempt_count"], row["summary.seen.rows"], row["summary.=odd, "]) == (1, 6, True)


async def test_json_lines_keep_objects_whole(site: Site, as_ada: httpx.AsyncClient):
    batch = await submitted(site)
    url = f"/batch/jobs/{batch.batch_id}/operations.jsonl"
    lines = [json.loads(line) for line in (await as_ada.get(url)).text.splitlines()]
    assert [line["summary"] for line in lines] == [
        None,
        {"seen": {"rows": 5, "first": "-1"}, "cost": -2, "names": ["x"]},
        {"seen": {"rows": 6}, "cost": 1.5, "=odd, ": True},
    ]
    assert (lines[0]["attributes"], lines[0]["parameters"]) == (EU, {"window": 9})
    assert lines[0]["finished_at"].endswith("Z")


async def test_an_export_is_filtered_as_the_list_is(site: Site, as_ada: httpx.AsyncClient):
    batch = await submitted(site)
    url = f"/batch/jobs/{batch.batch_id}/operations"
    (failed,) = read("parquet", (await as_ada.get(f"{url}.parquet", params={"status": "failed"})).content)
    assert failed["target_key"] == "=evil()"
    none = await as_ada.get(f"{url}.csv", params={"q": "nobody is called so"})
    assert none.text == ",".join(COLUMNS) + "\r\n"
    assert read("xlsx", (await as_ada.get(f"{url}.xlsx", params={"status": "running"})).content) == []
    assert (await as_ada.get(f"{url}.csv", params={"status": "odd"})).status_code == 400
    assert (await as_ada.get(f"{url}.doc")).status_code == 400


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
async def test_an_export_has_all_pages(
    site: Site, as_ada: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, form: str
):
    monkeypatch.setattr("fanfold.batches.exporting._AT_ONCE", 3)
    keys = [f"t{number}" for number in range(7)]
    for number, key in enumerate(keys):
        # What a page's summaries hold tells its types; later pages have others.
        site.kind.script(key, say(**{"value": "none" if number == 5 else number, f"own{number // 3}": 1}))
    batch = await site.submit(*keys, max_parallel=20)
    await site.drain()
    content = (await as_ada.get(f"/batch/jobs/{batch.batch_id}/operations.{form}")).content
    if form == "jsonl":
        rows = [json.loads(line) for line in content.splitlines()]
        assert [row["summary"]["value"] for row in rows] == [0, 1, 2, 3, 4, "none", 6]
    else:
        rows = read(form, content)
        assert [row["summary.value"] for row in rows] == ["0", "1", "2", "3", "4", "none", "6"]
        assert [row["summary.own1"] for row in rows] == [None, None, None, 1, 1, 1, None]
    assert [row["target_key"] for row in rows] == keys


async def test_an_export_of_what_is_not_ones_own_is_refused(site: Site, as_mallory: httpx.AsyncClient):
    batch = await site.submit("a")
    assert (await as_mallory.get(f"/batch/jobs/{batch.batch_id}/operations.csv")).status_code == 404


def test_summaries_of_too_many_fields_keep_the_rest_as_json():
    flat = FlatSummaries()
    row = flat.row({f"f{number}": number for number in range(MOST_SUMMARY_COLUMNS + 2)})
    assert len(row) == MOST_SUMMARY_COLUMNS + 1
    assert row[REST] == {"summary.f100": 100, "summary.f101": 101}
    assert flat.row({"F1": 1, "more": 2, "f200": None}) == {"summary.F1": 1, REST: {"summary.more": 2}}

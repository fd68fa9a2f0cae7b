"""Aggregations of users over the rows of a batch: what they get, and what they cannot reach."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, MutableMapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fanfold.batches.model import Item, Submission
from fanfold.batches.wanted_endpoints import CLIENT_GONE
from fanfold.results.sandbox import AggregateRefused, Relation, Sandbox, SandboxLimits
from fanfold.sdk.context import Target
from tests.api.full_app import Site
from tests.api.test_results import giving, shoes

TOTALS = (
    "select campaign, sum(cost) as cost, count(distinct _instance_name) as instances from results group by 1"
)
Ask = Callable[..., Any]


@pytest.fixture
def ask(as_ada: httpx.AsyncClient) -> Ask:
    """Ask for a job's rows, and return the answer."""

    async def asked(job: str, sql: str, **query: Any) -> httpx.Response:
        return await as_ada.get(f"/batch/jobs/{job}/results", params={"aggregate": sql, **query})

    return asked


async def refused(ask: Ask, job: str, sql: str) -> str:
    """Return why *sql* is refused."""
    answer = await ask(job, sql)
    assert answer.status_code == 400, answer.text
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/aggregate"
    return str(error["message"])


async def test_rows_of_all_instances_are_aggregated(site: Site, ask: Ask):
    job = await shoes(site)
    answer = await ask(job, f"{TOTALS} order by 1;")
    assert answer.json() == {
        "job_id": job,
        "limit": 1000,
        "offset": 0,
        "columns": [
            {"name": "campaign", "type": "string"},
            {"name": "cost", "type": "number"},
            {"name": "instances", "type": "number"},
        ],
        "rows": [
            {"campaign": "a", "cost": 5.5, "instances": 2},
            {"campaign": "b", "cost": 2.5, "instances": 1},
        ],
        "total_rows": 2,
    }


async def test_the_filter_is_of_what_goes_in_and_the_sort_of_what_comes_out(site: Site, ask: Ask):
    job = await shoes(site)
    wanted = json.dumps([{"column": "_instance_name", "op": "eq", "value": "EU"}])
    answer = await ask(job, TOTALS, filter=wanted, sort="-cost", columns="cost", limit=1)
    assert (answer.json()["rows"], answer.json()["total_rows"]) == ([{"cost": 2.5}], 2)
    page = await ask(job, TOTALS, sort="-cost", offset=1)
    assert [row["campaign"] for row in page.json()["rows"]] == ["b"]
    bad = await ask(job, TOTALS, sort="_instance_name")
    assert bad.json()["errors"][0]["pointer"] == "/sort"


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx", "parquet", "arrow"])
async def test_an_answer_comes_in_every_format(site: Site, ask: Ask, form: str):
    job = await shoes(site)
    answer = await ask(job, "select '=1+1' as word, sum(cost::int) as total from results", format=form)
    content = answer.content
    if form == "csv":
        assert content == b'word,total\r\n"\'=1+1",8\r\n'
    elif form == "jsonl":
        assert json.loads(content) == {"word": "=1+1", "total": 8}
    elif form == "parquet":
        assert pq.read_table(io.BytesIO(content)).to_pylist() == [{"word": "=1+1", "total": 8}]
    elif form == "arrow":
        assert pa.ipc.open_stream(content).read_all().to_pylist() == [{"word": "=1+1", "total": 8}]
    else:
        assert content.startswith(b"PK")


async def test_the_contract_of_batch_executions_takes_it_too(site: Site, as_ada: httpx.AsyncClient):
    job = await shoes(site)
    answer = await as_ada.get(f"/workflows/batch/{job}/results", params={"aggregate": TOTALS})
    rows = answer.json()["batch_results"]["aggregated_data"]["rows"]
    assert {row["campaign"] for row in rows} == {"a", "b"}


async def test_every_type_reaches_json(site: Site, ask: Ask):
    job = await shoes(site)
    sql = """
        select date '2026-01-02' as day, timestamp '2026-01-02 03:04:05' as moment, interval 2 day as span,
               [1, 2] as list, {'a': 1} as struct, 1.50::decimal(9, 2) as money, 2::hugeint as wide,
               true as yes,
               170141183460469231731687303715884105727::hugeint / 10 as wider, null as nothing,
               'x'::blob as bytes,
               0.0 / 0 as none, '10:00'::time as time
    """
    (row,) = (await ask(job, sql)).json()["rows"]
    assert (row["day"], row["moment"], row["span"]) == ("2026-01-02", "2026-01-02T03:04:05Z", "2 days")
    assert (row["list"], row["struct"], row["money"], row["wide"]) == ([1, 2], {"a": 1}, 1.5, 2)
    assert (row["yes"], row["nothing"], row["none"], row["time"]) == (True, None, None, "10:00:00")


async def test_names_and_values_with_quotes_stay_what_they_are(site: Site, ask: Ask):
    site.kind.script("eu", giving(**{'a "b"': ["it's $names", "x"], "day": [date(2026, 1, 1)] * 2}))
    batch = await site.submit("eu")
    await site.drain()
    wanted = json.dumps(
        [
            {"column": 'a "b"', "op": "eq", "value": "it's $names"},
            {"column": "day", "op": "eq", "value": "2026-01-01"},
        ]
    )
    answer = await ask(batch.batch_id, 'select "a ""b""", _instance_name from results', filter=wanted)
    assert answer.json()["rows"] == [{'a "b"': "it's $names", "_instance_name": "EU"}]


async def test_what_instances_have_each_in_its_own_way_is_one_column(site: Site, ask: Ask):
    site.kind.script("eu", giving(cost=[Decimal("1.5")], extra=["here"]))
    site.kind.script("us", giving(COST=[2]))
    batch = await site.submit("eu", "us")
    await site.drain()
    sql = "select sum(cost) as cost, count(extra) as named from results"
    answer = (await ask(batch.batch_id, sql)).json()
    assert answer["rows"] == [{"cost": 3.5, "named": 1}]
    assert {note["column"] for note in answer["notes"]} == {"cost", "extra"}


async def test_before_the_first_row_there_is_an_empty_table(site: Site, ask: Ask):
    batch = await site.submit("eu")
    answer = await ask(batch.batch_id, TOTALS)
    assert (answer.json()["rows"], answer.json()["columns"]) == ([], [])
    assert "read_csv" in await refused(ask, batch.batch_id, "select * from read_csv('x')")


async def test_columns_without_rows_are_known(site: Site, ask: Ask):
    site.kind.script("eu", giving(campaign=pa.array([], pa.string()), cost=pa.array([], pa.int64())))
    batch = await site.submit("eu")
    await site.drain()
    answer = await ask(batch.batch_id, "select count(*) as n, sum(cost) as cost from results")
    assert answer.json()["rows"] == [{"n": 0, "cost": None}]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select\n  campain from results", "Line 2, column 3: Referenced column"),
        (
            "select campaign,\n\nfoo(cost)\nfrom results",
            "Line 3, column 1: The function foo cannot be used here.",
        ),
        (
            "select '\N{LATIN SMALL LETTER U WITH DIAERESIS}', from from results",
            "Line 1, column 18: Syntax error",
        ),
        (
            "select * from campaigns",
            "Line 1, column 15: There is no table campaigns: the rows are in `results`.",
        ),
        ("select $1", "Line 1, column 8: There are no values for placeholders here."),
        ("", "Write one SELECT"),
        ("saved", "saved without an aggregation"),
    ],
)
async def test_what_is_wrong_is_named_with_its_place(
    site: Site, as_ada: httpx.AsyncClient, sql: str, message: str
):
    job = await shoes(site)
    answer = await as_ada.post(f"/batch/jobs/{job}/results/aggregate", json={"sql": sql})
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert report["ok"] is False
    (problem,) = report["problems"]
    place = f"Line {problem['line']}, column {problem['column']}: " if problem["line"] else ""
    assert message in place + problem["message"]


async def test_a_trial_shows_the_head_of_the_answer(site: Site, as_ada: httpx.AsyncClient):
    job = await shoes(site)
    answer = await as_ada.post(
        f"/batch/jobs/{job}/results/aggregate", json={"sql": "from results", "limit": 1}
    )
    assert (answer.json()["ok"], len(answer.json()["rows"]), answer.json()["total_rows"]) == (True, 1, 3)


async def test_rows_of_others_do_not_exist(site: Site, as_mallory: httpx.AsyncClient):
    job = await shoes(site)
    answer = await as_mallory.get(f"/batch/jobs/{job}/results", params={"aggregate": TOTALS})
    assert answer.status_code == 404
    answer = await as_mallory.post(f"/batch/jobs/{job}/results/aggregate", json={"sql": TOTALS})
    assert answer.status_code == 404


async def test_a_lost_part_is_named_and_left_out_on_demand(site: Site, ask: Ask):
    job = await shoes(site)
    folder = Path(str(site.services.settings.results_url).removeprefix("file://"))
    (part, *_) = sorted(folder.rglob("*.parquet"))
    part.unlink()
    answer = await ask(job, TOTALS)
    assert (answer.status_code, answer.json()["code"]) == (409, "results_lost")
    kept = await ask(job, TOTALS, skip_missing=True)
    assert (kept.status_code, len(kept.json()["skipped"])) == (200, 1)


ESCAPES = [
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/proc/self/environ')",
    "select * from parquet_scan('*.parquet')",
    "select * from '/etc/passwd'",
    'select * from "/etc/passwd"',
    "select * from glob('/*')",
    "copy results to 'out.csv'",
    "copy (select 1) to 'out.csv'",
    "attach 'out.db'",
    "install httpfs",
    "load httpfs",
    "pragma database_list",
    "set memory_limit = '100GB'",
    "reset lock_configuration",
    "call pragma_version()",
    "create table t as select 1",
    "create macro m() as 1",
    "insert into results values (1)",
    "drop view results",
    "export database 'x'",
    "import database 'x'",
    "checkpoint",
    "explain analyze select 1",
    "describe results",
    "summarize results",
    "show tables",
    "prepare p as select 1",
    "begin",
    "use memory",
    "vacuum",
    "select 1; select 2",
    "select 1; drop view results",
    "select 1 from results) limit 1; copy (select 1",
    "select getenv('PATH')",
    "select current_setting('allowed_paths')",
    "select getvariable('x')",
    "select current_query()",
    "select version()",
    "select nextval('s')",
    "select write_log('x')",
    "select sleep_ms(100000)",
    "select pg_sleep(1000)",
    "select main.getenv('PATH')",
    "select system.main.current_setting('temp_directory')",
    'select "getenv"(\'PATH\')',
    "select 'PATH'.getenv()",
    "select list_transform(['PATH'], lambda x: getenv(x))",
    "select sum(cost) over (order by getenv('PATH')) from results",
    "select count(*) filter (where getenv('PATH') is null) from results",
    "select * from results where exists (select * from duckdb_settings())",
    "select * from results order by (select max(path) from duckdb_databases())",
    "select * from (values ((select current_setting('threads'))))",
    "select * from duckdb_settings()",
    "select * from duckdb_logs",
    "select * from duckdb_views",
    "select * from sqlite_master",
    "select * from pg_catalog.pg_settings",
    "select * from information_schema.tables",
    "select * from system.information_schema.columns",
    "select * from memory.main.answer",
    "with duckdb_views as (select 1) select * from duckdb_views",
    "select * from (with sqlite_master as (select 1 as x) select x), sqlite_master",
    "with results as (select 1) select * from results",
    "select * from query('select 1')",
    "select * from query_table('results')",
    "select * from json_execute_serialized_sql('{}')",
    "select json_serialize_plan('select 1')",
    "with x as (delete from results returning *) select * from x",
    "select * from pragma_table_info('results')",
    "select * from pragma_storage_info('results')",
    "select $$a$$, $name",
    "select ?",
    "select repeat('x', 1000000000)",
    "select lpad('x', 1000000000, 'y')",
    "select range(1000000000)",
    "select printf('%1000000000d', 1)",
]  # fmt: skip


@pytest.mark.parametrize("sql", ESCAPES)
async def test_nothing_but_the_rows_can_be_reached(sandbox: Sandbox, sql: str):
    problems = await sandbox.check(sql)
    assert problems
    assert not any("/etc" in each.message and "root:" in each.message for each in problems)


@pytest.mark.parametrize(
    "text",
    [
        "select " + "(" * 9_000 + "1" + ")" * 9_000,
        "select " + "+".join(["1"] * 9_000),
        "select " + "not " * 4_000 + "true",
        "select " + "[" * 5_000 + "]" * 5_000,
        "select " + "case when true then " * 900 + "1" + " end" * 900,
        "select * from " + "(select * from " * 1_000 + "results" + ")" * 1_000,
        "select '" + "x" * 20_000 + "'",
        "select 1 /* no end",
        "select 'no end",
        "select 1 \x00 from results",
        "select '\ud800' from results",
    ],
    ids=["parens", "sum", "not", "lists", "cases", "subqueries", "long", "comment", "text", "nul", "half"],
)
async def test_a_text_that_a_parser_may_break_on_is_refused(sandbox: Sandbox, text: str):
    (problem, *_) = await sandbox.check(text)
    assert "needs more" not in problem.message
    assert not await sandbox.check("select 1 from results")


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(SandboxLimits(memory_bytes=64_000_000, disk_bytes=50_000_000, seconds=20, rows=1_000))


def bounded(site: Site, **limits: int) -> None:
    """Give the application's aggregations less."""
    less = {"memory_bytes": 64_000_000, "disk_bytes": 50_000_000, "seconds": 20, "rows": 1_000} | limits
    site.services.results.aggregator.sandbox = Sandbox(SandboxLimits(**less))


@pytest.mark.parametrize(
    "sql",
    [
        "select * from range(1001)",
        "select array_agg(a.range::varchar || b.range) from range(100000) a, range(1000) b",
        (
            "with recursive t(n, s) as (select 1, 'x' union all select n + 1, s || s from t where n < 60) "
            "select max(length(s)) from t"
        ),
        (
            "select string_agg(repeated, '') from (select replace('xxxxxxxxxx', 'x', a.range::varchar) "
            "as repeated from range(10000000) a)"
        ),
    ],
    ids=["rows", "memory", "doubling", "text"],
)
async def test_an_answer_that_is_too_large_is_refused(site: Site, ask: Ask, sql: str):
    job = await shoes(site)
    bounded(site)
    message = await refused(ask, job, sql)
    assert message.startswith(("This needs more", "The answer has more than 1,000 rows"))
    assert (await ask(job, TOTALS)).status_code == 200


@pytest.mark.parametrize(
    "sql",
    [
        "with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) from t",
        "select count(*) from range(1000000000000) where range % 7 = 3",
    ],
    ids=["recursion", "count"],
)
async def test_one_without_an_end_is_ended(site: Site, ask: Ask, sql: str):
    job = await shoes(site)
    bounded(site, seconds=2)
    assert await refused(ask, job, sql) == "This took longer than 2 seconds: aggregate less, or filter first."
    assert (await ask(job, "select 1 as one")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/batch/jobs/{}/results"),
        ("POST", "/batch/jobs/{}/results/aggregate"),
        ("GET", "/workflows/batch/{}/results"),
    ],
)
async def test_one_whose_asker_has_gone_is_ended(site: Site, ask: Ask, method: str, path: str):
    job = await shoes(site)
    endless = "select count(*) from range(1000000000000) where range % 7 = 3"
    token = site.services.access.issue_token(site.ada)
    body = json.dumps({"sql": endless}).encode() if method == "POST" else b""
    heard = iter([{"type": "http.request", "body": body, "more_body": False}])
    said: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return next(heard, {"type": "http.disconnect"})

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("fanfold.test", 80),
        "method": method,
        "path": path.format(job),
        "query_string": b"" if method == "POST" else urlencode({"aggregate": endless}).encode(),
        "headers": [
            (b"authorization", f"Bearer {token}".encode()),
            (b"content-type", b"application/json"),
            (b"host", b"fanfold.test"),
        ],
    }
    await site.app(scope, receive, send)
    assert said[0]["status"] == CLIENT_GONE
    assert (await ask(job, "select 1 as one")).status_code == 200


async def test_rows_of_another_batch_cannot_be_read_even_by_their_path(site: Site, ask: Ask, tmp_path: Path):
    await shoes(site)
    folder = Path(str(site.services.settings.results_url).removeprefix("file://"))
    (path, *_) = sorted(folder.rglob("*.parquet"))
    sandbox = site.services.results.aggregator.sandbox
    # As if the reading of the text had overlooked it: the second wall.
    relation = Relation(f"select * from read_parquet('{path}')", ())
    with pytest.raises(AggregateRefused, match="more than an aggregation may use"):
        await sandbox.answer("from results", relation, folder=tmp_path)
    named = Relation(f"select * from read_parquet('{path}')", (str(path),))
    answer, count = await sandbox.answer("from results", named, folder=tmp_path)
    assert (answer.is_file(), count) == (True, 2)


async def test_a_batch_keeps_the_aggregation_that_its_workflow_had(site: Site, ask: Ask):
    site.kind.script("eu", giving(cost=[1.5, 2.5]))
    items = [Item(Target(key="eu", name="EU", attributes={"region": "us-east-1"}))]
    definition = {"aggregate": "select max(cost) as most from results"}
    submission = Submission(site.kind.name, "one", items, definition=definition, parameters={"window": 7})
    batch = await site.services.batches.submit(submission, user_id=site.ada.id)
    await site.drain()
    answer = await ask(batch.batch_id, "saved")
    assert answer.json()["rows"] == [{"most": 2.5}]

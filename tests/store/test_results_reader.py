from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest

from fanfold.batches.errors import StaleAttempt
from fanfold.db.database import Database
from fanfold.results import csv_lines, scan
from fanfold.results.filters import Filter, Op
from fanfold.results.reader import Page, ResultReader
from fanfold.results.store import ResultStore
from fanfold.sdk.errors import BadInput
from tests.store.result_batches import ResultBatch, column, csv_of, page, rows


def shown(table: Page) -> list[tuple[str, str, str | None]]:
    return [(each.name, each.type, each.note) for each in table.columns[2:]]


async def test_rows_of_all_operations_stand_under_their_instance(reader: ResultReader, batch: ResultBatch):
    first = await batch.add("Shoes EU", rows(campaign=["a", "b"], cost=[1.5, 2.5]))
    second = await batch.add("Shoes US", rows(campaign=["c"], cost=[None]))

    table = await page(reader, batch)

    assert table.body() == {
        "columns": [
            {"name": "_instance_name", "type": "string"},
            {"name": "_instance_id", "type": "string"},
            {"name": "campaign", "type": "string"},
            {"name": "cost", "type": "number"},
        ],
        "rows": [
            {
                "_instance_name": "Shoes EU",
                "_instance_id": str(first.target_id),
                "campaign": "a",
                "cost": 1.5,
            },
            {
                "_instance_name": "Shoes EU",
                "_instance_id": str(first.target_id),
                "campaign": "b",
                "cost": 2.5,
            },
            {
                "_instance_name": "Shoes US",
                "_instance_id": str(second.target_id),
                "campaign": "c",
                "cost": None,
            },
        ],
        "total_rows": 3,
    }
    assert list(table.rows[0]) == ["_instance_name", "_instance_id", "campaign", "cost"]


async def test_a_batch_without_results_has_no_columns_and_no_rows(reader: ResultReader, batch: ResultBatch):
    assert await page(reader, batch, sort="-cost") == Page((), [], 0)
    assert await csv_of(reader, batch) == b"_instance_name,_instance_id\r\n"


async def test_a_result_without_rows_still_shows_its_columns(reader: ResultReader, batch: ResultBatch):
    await batch.add("Empty", pa.RecordBatch.from_pylist([], schema=pa.schema([("cost", pa.float64())])))
    for asked in ({}, {"sort": "-cost"}, {"filters": [Filter("cost", Op.GT, 1)]}):
        table = await page(reader, batch, **asked)
        assert (shown(table), table.rows, table.total_rows) == ([("cost", "number", None)], [], 0)
    assert await csv_of(reader, batch) == b"_instance_name,_instance_id,cost\r\n"


async def test_only_completed_operations_count_and_a_running_batch_can_be_read(
    reader: ResultReader, batch: ResultBatch
):
    await batch.add("Done", rows(n=[1]))
    await batch.add("Still written", rows(n=[2]), status="pending")
    assert column(await page(reader, batch), "n") == [1]

    await batch.add("Done later", rows(n=[3]))
    assert column(await page(reader, batch), "n") == [1, 3]


async def test_a_later_manifest_replaces_the_earlier_one(
    reader: ResultReader, batch: ResultBatch, store: ResultStore, service_database: Database
):
    added = await batch.add("Again", rows(n=[1, 2]))
    sink = store.sink(batch_id=batch.id, operation_id=added.operation_id, attempt_id=99)
    await sink.write(rows(n=[3]))
    again = await sink.finish()
    assert again is not None
    async with service_database.transaction() as transaction:
        await batch.record(added.operation_id, again, transaction)
    await store.keep_only(again, batch_id=batch.id, operation_id=added.operation_id)

    table = await page(reader, batch)
    assert (column(table, "n"), table.total_rows) == ([3], 1)


async def test_a_manifest_of_a_transaction_that_rolled_back_does_not_exist(
    reader: ResultReader, batch: ResultBatch, service_database: Database
):
    kept = await batch.add("Kept", rows(n=[1]))
    empty = replace(kept.manifest, parts=(), row_count=0)

    async def record_and_fail() -> None:
        async with service_database.transaction() as transaction:
            await batch.record(kept.operation_id, empty, transaction)
            raise StaleAttempt

    with pytest.raises(StaleAttempt):
        await record_and_fail()
    assert column(await page(reader, batch), "n") == [1]


async def test_another_user_sees_nothing(reader: ResultReader, batch: ResultBatch, other_user_id: UUID):
    await batch.add("Mine", rows(n=[1]))
    assert await reader.page(batch.id, user_id=other_user_id) == Page((), [], 0)


@pytest.mark.parametrize("sort", [None, "serial", "-serial"])
async def test_pages_cut_the_batch_without_gap_or_repeat(
    reader: ResultReader, batch: ResultBatch, monkeypatch: pytest.MonkeyPatch, sort: str | None
):
    monkeypatch.setattr("fanfold.results.parts.ROW_GROUP_ROWS", 50)
    monkeypatch.setattr("fanfold.results.parts.PART_BYTES", 900)
    serial = 0
    for number, count in enumerate([130, 1, 0, 77, 250]):
        schema = pa.schema([("serial", pa.int64()), ("instance", pa.string())])
        values = [{"serial": serial + n, "instance": f"I{number}"} for n in range(count)]
        await batch.add(f"I{number}", pa.RecordBatch.from_pylist(values, schema=schema))
        serial += count

    seen: list[int] = []
    for offset in range(0, 500, 33):
        table = await page(reader, batch, limit=33, offset=offset, sort=sort)
        assert table.total_rows == serial == 458
        assert column(table, "_instance_name") == column(table, "instance")
        seen += column(table, "serial")

    expected = list(range(serial))
    assert seen == (expected[::-1] if sort == "-serial" else expected)


async def test_sorting_keeps_the_order_of_the_batch_among_equals_and_puts_nulls_last(
    reader: ResultReader, batch: ResultBatch
):
    await batch.add("B", rows(cost=[2.0, None, 1.0], n=[1, 2, 3]))
    await batch.add("A", rows(cost=[1.0, 2.0, float("nan")], n=[4, 5, 6]))

    assert column(await page(reader, batch, sort="cost"), "n") == [3, 4, 1, 5, 2, 6]
    assert column(await page(reader, batch, sort="-cost"), "n") == [1, 5, 3, 4, 2, 6]
    assert column(await page(reader, batch, sort="_instance_name"), "n") == [4, 5, 6, 1, 2, 3]
    assert column(await page(reader, batch, sort="-COST", limit=2, offset=1), "n") == [5, 3]


EVERYTHING = {
    "text": ["Alpha", "beta", 'quo"te', None],
    "number": [1, 2, 3, None],
    "money": pa.array([Decimal("1.10"), Decimal("2.20"), Decimal("3.30"), None], pa.decimal128(9, 2)),
    "truth": [True, False, True, None],
    "day": [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3), None],
    "at": [datetime(2026, 1, day, 12, tzinfo=UTC) for day in (1, 2, 3)] + [None],
    "tags": [["x", "y"], ["z"], [], None],
    "n": [1, 2, 3, 4],
}


@pytest.mark.parametrize(
    ("name", "op", "value", "expected"),
    [
        ("text", "eq", "beta", [2]),
        ("text", "ne", "beta", [1, 3, 4]),
        ("text", "contains", "ALPH", [1]),
        ("text", "contains", '"', [3]),
        ("text", "contains", "%", []),
        ("text", "in", ["beta", "Alpha", "gamma"], [1, 2]),
        ("text", "is_null", None, [4]),
        ("text", "not_null", None, [1, 2, 3]),
        ("text", "eq", "' or true --", []),
        ("number", "lt", 2, [1]),
        ("number", "le", 2, [1, 2]),
        ("number", "gt", 1.5, [2, 3]),
        ("number", "ge", 3, [3]),
        ("number", "in", [1, 3.0], [1, 3]),
        ("money", "gt", 1.1, [2, 3]),
        ("money", "eq", 2.2, [2]),
        ("truth", "eq", True, [1, 3]),
        ("truth", "ne", True, [2, 4]),
        ("day", "ge", "2026-01-02", [2, 3]),
        ("at", "gt", "2026-01-01T13:00:00+01:00", [2, 3]),
        ("at", "le", "2026-01-02T12:00:00Z", [1, 2]),
        ("tags", "contains", "y", [1]),
        ("TEXT", "eq", "beta", [2]),
        ("_instance_name", "eq", "Only", [1, 2, 3, 4]),
        ("_instance_name", "eq", "Other", []),
    ],
)
async def test_a_filter_finds(
    reader: ResultReader, batch: ResultBatch, name: str, op: str, value: Any, expected: list[int]
):
    await batch.add("Only", rows(**EVERYTHING))
    table = await page(reader, batch, filters=[Filter(name, Op(op), value)])
    assert (column(table, "n"), table.total_rows) == (expected, len(expected))


async def test_filters_hold_together_and_count_beyond_the_page(reader: ResultReader, batch: ResultBatch):
    for name in ("One", "Two"):
        await batch.add(name, rows(n=range(100)))
    filters = [Filter("n", Op.GE, 50), Filter("n", Op.LT, 60), Filter("_instance_name", Op.EQ, "Two")]
    table = await page(reader, batch, filters=filters, sort="-n", limit=3, offset=1)
    assert (column(table, "n"), table.total_rows) == ([58, 57, 56], 10)
    assert set(column(table, "_instance_name")) == {"Two"}
    assert (await page(reader, batch, filters=filters, offset=10)).rows == []


async def test_every_wrong_filter_is_named(reader: ResultReader, batch: ResultBatch):
    await batch.add("Only", rows(**EVERYTHING))
    wrong = [
        Filter("nowhere", Op.EQ, 1),
        Filter("text", Op.EQ, 5),
        Filter("number", Op.EQ, "five"),
        Filter("number", Op.CONTAINS, "5"),
        Filter("number", Op.IN, []),
        Filter("number", Op.IN, [1, "x"]),
        Filter("truth", Op.EQ, 1),
        Filter("day", Op.EQ, "2026-13-01"),
        Filter("number", Op.LT, float("nan")),
    ]
    with pytest.raises(BadInput) as caught:
        await page(reader, batch, filters=wrong, sort="-nowhere")
    assert [problem.pointer for problem in caught.value.problems] == [
        "/filter/0/column",
        "/filter/1/value",
        "/filter/2/value",
        "/filter/3/op",
        "/filter/4/value",
        "/filter/5/value/1",
        "/filter/6/value",
        "/filter/7/value",
        "/filter/8/value",
        "/sort",
    ]


async def test_values_are_what_json_knows(reader: ResultReader, batch: ResultBatch):
    at = datetime(2026, 2, 3, 4, 5, 6, 700_000, tzinfo=UTC)
    await batch.add(
        "Only",
        rows(
            decimal=pa.array([Decimal("12.50")], pa.decimal128(9, 2)),
            big=[2**62 + 1],
            bigger=pa.array([2**64 - 1], pa.uint64()),
            nan=[float("nan")],
            infinite=pa.array([float("-inf")], pa.float32()),
            day=[date(2026, 2, 3)],
            at=[at],
            whole_second=pa.array([1_700_000_000], pa.timestamp("s")),
            bytes=[b"\x00\xff"],
            list=[[1.5, float("nan"), None]],
            struct=[{"when": at, "amount": Decimal("1.5")}],
            clock=pa.array([3_600_000_000], pa.time64("us")),
            nothing=[None],
        ),
    )
    table = await page(reader, batch)
    (row,) = table.rows
    del row["_instance_name"], row["_instance_id"]
    assert row == {
        "decimal": 12.5,
        "big": 2**62 + 1,
        "bigger": 2**64 - 1,
        "nan": None,
        "infinite": None,
        "day": "2026-02-03",
        "at": "2026-02-03T04:05:06.7Z",
        "whole_second": "2023-11-14T22:13:20Z",
        "bytes": "AP8=",
        "list": [1.5, None, None],
        "struct": {"when": "2026-02-03T04:05:06.700000Z", "amount": 1.5},
        "clock": "01:00:00",
        "nothing": None,
    }
    kinds = {each.name: each.type for each in table.columns}
    assert (kinds["decimal"], kinds["day"], kinds["at"], kinds["list"]) == (
        "number",
        "date",
        "timestamp",
        "string",
    )


async def test_different_schemas_become_one_by_name_and_say_so(reader: ResultReader, batch: ResultBatch):
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    await batch.add("One", rows(a=[1], b=["x"], at=[at], mixed=[at], day=[date(2026, 1, 1)]))
    await batch.add("Two", rows(c=[True], A=[2.5], mixed=["text"], day=[at]))
    await batch.add("Three", rows(b=["y"], a=[Decimal("3.25")], mixed=[7]))

    table = await page(reader, batch)

    assert shown(table) == [
        ("a", "number", None),
        ("b", "string", "missing in 1 of 3 results"),
        ("at", "timestamp", "missing in 2 of 3 results"),
        ("mixed", "string", "number and string and timestamp in different results, shown as string"),
        (
            "day",
            "timestamp",
            "missing in 1 of 3 results; date and timestamp in different results, shown as timestamp",
        ),
        ("c", "boolean", "missing in 2 of 3 results"),
    ]
    assert column(table, "a") == [1, 2.5, 3.25]
    assert column(table, "b") == ["x", None, "y"]
    assert column(table, "at") == ["2026-01-02T03:04:05Z", None, None]
    assert column(table, "mixed") == ["2026-01-02T03:04:05Z", "text", "7"]
    assert column(table, "day") == ["2026-01-01T00:00:00Z", "2026-01-02T03:04:05Z", None]
    assert column(table, "c") == [None, True, None]
    assert column(await page(reader, batch, limit=1, offset=1), "at") == [None]
    assert column(await page(reader, batch, sort="-a"), "a") == [3.25, 2.5, 1]
    assert column(await page(reader, batch, filters=[Filter("a", Op.GT, 2)]), "_instance_name") == [
        "Two",
        "Three",
    ]
    lines = (await csv_of(reader, batch)).decode().splitlines()
    assert lines[0] == "_instance_name,_instance_id,a,b,at,mixed,day,c"
    assert [line.split(",", 2)[2] for line in lines[1:]] == [
        "1.0,x,2026-01-02T03:04:05Z,2026-01-02T03:04:05Z,2026-01-01T00:00:00Z,",
        "2.5,,,text,2026-01-02T03:04:05Z,true",
        "3.25,y,,7,,",
    ]


async def test_many_schemas_in_turn_are_read_with_few_scans(
    reader: ResultReader, batch: ResultBatch, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(scan, "_MOST_RUNS", 3)
    for number in range(10):
        await batch.add(
            f"I{number}", rows(n=[number], own=[f"I{number}"]) if number % 2 else rows(n=[number])
        )
    table = await page(reader, batch)
    assert column(table, "n") == list(range(10))
    assert column(table, "own") == [f"I{number}" if number % 2 else None for number in range(10)]
    assert column(table, "_instance_name") == [f"I{number}" for number in range(10)]
    assert column(await page(reader, batch, limit=4, offset=3), "n") == [3, 4, 5, 6]
    assert len((await csv_of(reader, batch)).splitlines()) == 11


async def test_names_that_look_like_sql_are_only_names(reader: ResultReader, batch: ResultBatch):
    names = ['a"b', "a'b", "$names", "?", "; drop table x --", "line\nbreak", "c0", "p", "r", "é", "=SUM(A1)"]
    await batch.add('In"st', rows(**{name: [number, 0] for number, name in enumerate(names, start=1)}))
    table = await page(reader, batch)
    assert [each.name for each in table.columns[2:]] == names
    for number, name in enumerate(names, start=1):
        assert column(table, name) == [number, 0]
        assert column(await page(reader, batch, sort=name), name) == [0, number]
        found = await page(reader, batch, filters=[Filter(name, Op.EQ, number)])
        assert column(found, name) == [number]
    (head, *_) = csv.reader(io.StringIO((await csv_of(reader, batch)).decode(), newline=""))
    assert head[2:] == [*names[:-1], "'=SUM(A1)"]


async def test_csv_is_quoted_and_safe_in_a_spreadsheet(reader: ResultReader, batch: ResultBatch):
    texts = [
        "plain",
        'say "hi"',
        "a,b",
        "two\r\nlines",
        "",
        None,
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\tt",
        "a=b",
        " x",
    ]
    await batch.add("=Inst, EU", rows(text=texts, number=range(-6, 7), tags=[["x"]] * 13))

    content = await csv_of(reader, batch)

    assert content.startswith(b"_instance_name,_instance_id,text,number,tags\r\n")
    assert content.endswith(b"\r\n")
    read = list(csv.reader(io.StringIO(content.decode(), newline="")))[1:]
    assert {line[0] for line in read} == {"'=Inst, EU"}
    assert [line[2] for line in read] == [
        "plain",
        'say "hi"',
        "a,b",
        "two\r\nlines",
        "",
        "",
        "'=1+1",
        "'+1",
        "'-1",
        "'@x",
        "'\tt",
        "a=b",
        " x",
    ]
    assert [line[3] for line in read] == [str(number) for number in range(-6, 7)]
    assert {line[4] for line in read} == {'["x"]'}
    lines = content.split(b"\r\n")
    assert lines[6].split(b",", 3)[3].startswith(b'"",'), "the empty text is quoted"
    assert lines[7].split(b",", 3)[3].startswith(b","), "null is nothing at all"


async def test_csv_honours_filter_and_sort(reader: ResultReader, batch: ResultBatch):
    await batch.add("A", rows(n=[1, 2, 3]))
    await batch.add("B", rows(n=[4, 5, 6]))
    filters = [Filter("n", Op.GT, 2), Filter("_instance_name", Op.IN, ["A", "B"])]
    content = (await csv_of(reader, batch, filters=filters, sort="-n")).decode()
    read = [(line.split(",")[0], line.split(",")[2]) for line in content.splitlines()[1:]]
    assert read == [("B", "6"), ("B", "5"), ("B", "4"), ("A", "3")]
    assert len((await csv_of(reader, batch, sort="_instance_id")).splitlines()) == 7


async def test_a_cell_made_in_python_is_the_cell_made_in_sql(reader: ResultReader, batch: ResultBatch):
    texts = ["x", "", '"', ",", "\r", "\n", "=x", "+x", "-x", "@x", "\tx", "\rx", "x=", "x\nx", "'", " =x"]
    await batch.add("I", rows(text=texts))
    content = (await csv_of(reader, batch)).decode()
    lines = [
        f"I,{(await reader.result_sets(batch.id, user_id=batch.user_id))[0].instance_id},"
        + csv_lines.cell(text)
        for text in texts
    ]
    assert content == "_instance_name,_instance_id,text\r\n" + "".join(line + "\r\n" for line in lines)


async def test_a_million_rows_are_paged_and_streamed(reader: ResultReader, batch: ResultBatch):
    for number in range(4):
        serial = pa.array(range(number * 250_000, (number + 1) * 250_000))
        await batch.add(f"I{number}", pa.RecordBatch.from_arrays([serial], names=["serial"]))

    last = await page(reader, batch, limit=5, offset=999_998)
    middle = await page(reader, batch, limit=4, offset=499_998)
    largest = await page(reader, batch, limit=2, sort="-serial")
    found = await page(reader, batch, limit=2, filters=[Filter("serial", Op.GE, 123_456)])
    late = [Filter("serial", Op.GE, 600_000), Filter("serial", Op.LT, 900_000)]
    skipped = await page(reader, batch, limit=1, filters=late)
    tail = (await csv_of(reader, batch, filters=late)).splitlines()
    content = await csv_of(reader, batch)

    assert column(skipped, "_instance_name") == ["I2"]
    assert (len(tail), tail[1][:3], tail[-1][:3]) == (300_001, b"I2,", b"I3,")
    assert (column(last, "serial"), last.total_rows) == ([999_998, 999_999], 1_000_000)
    assert column(middle, "serial") == [499_998, 499_999, 500_000, 500_001]
    assert column(middle, "_instance_name") == ["I1", "I1", "I2", "I2"]
    assert column(largest, "serial") == [999_999, 999_998]
    assert (column(found, "serial"), found.total_rows) == ([123_456, 123_457], 1_000_000 - 123_456)
    lines = content.splitlines()
    assert len(lines) == 1_000_001
    assert all(line.endswith(b",%d" % serial) for serial, line in enumerate(lines[1:]))

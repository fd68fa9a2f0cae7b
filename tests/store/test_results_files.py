from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fanfold.results.columns import INSTANCE_ID, INSTANCE_NAME
from fanfold.results.exporting import FileFormat
from fanfold.results.filters import Filter, Op
from fanfold.results.reader import ResultReader
from fanfold.sdk.errors import BadInput
from tests.store.result_batches import ResultBatch, csv_of, file_of, page, rows

Rows = list[dict[str, Any]]


def sheets_of(content: bytes) -> list[Rows]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    found: list[Rows] = []
    for sheet in book.worksheets:
        head, *lines = sheet.iter_rows(values_only=True)
        found.append([dict(zip(map(str, head), line, strict=True)) for line in lines])
    return found


def xlsx(content: bytes) -> Rows:
    (sheet,) = sheets_of(content)
    return sheet


def jsonl(content: bytes) -> Rows:
    return [json.loads(line) for line in content.decode().splitlines()]


def parquet(content: bytes) -> Rows:
    return pq.read_table(io.BytesIO(content)).to_pylist()


def arrow(content: bytes) -> Rows:
    return pa.ipc.open_stream(content).read_all().to_pylist()


READERS: dict[FileFormat, Callable[[bytes], Rows]] = {
    FileFormat.XLSX: xlsx,
    FileFormat.JSONL: jsonl,
    FileFormat.PARQUET: parquet,
    FileFormat.ARROW: arrow,
}
every_form = pytest.mark.parametrize("form", list(READERS))


@every_form
async def test_a_file_holds_the_rows_that_a_page_shows(
    reader: ResultReader, batch: ResultBatch, form: FileFormat
):
    first = await batch.add("Shoes <EU>", rows(campaign=['a "b"', None], cost=[1.5, None], n=[1, 2]))
    await batch.add("Shoes US", rows(campaign=["ü & c\n2"], cost=[0.25], n=[2**40]))

    found = READERS[form](await file_of(reader, batch, form))

    assert found == (await page(reader, batch)).rows
    assert found[0][INSTANCE_NAME] == "Shoes <EU>"
    assert found[0][INSTANCE_ID] == str(first.target_id)
    assert found[2] == found[2] | {"campaign": "ü & c\n2", "cost": 0.25, "n": 2**40}


@every_form
async def test_filter_sort_and_columns_hold_for_every_file(
    reader: ResultReader, batch: ResultBatch, form: FileFormat
):
    await batch.add("A", rows(n=[1, 5, 3], text=["x", "y", "z"]))
    await batch.add("B", rows(n=[4, 2], text=["v", "w"]))

    content = await file_of(
        reader, batch, form, filters=[Filter("n", Op.GT, 1)], sort="-n", columns=("n", "_instance_name")
    )

    found = READERS[form](content)
    assert [list(row.items()) for row in found] == [
        [("n", n), (INSTANCE_NAME, name)] for n, name in [(5, "A"), (4, "B"), (3, "A"), (2, "B")]
    ]
    chosen = await page(reader, batch, sort="-n", columns=("N", "_INSTANCE_NAME"), limit=1)
    assert chosen.rows == [{"n": 5, INSTANCE_NAME: "A"}]


async def test_columns_that_are_not_there_are_all_named(reader: ResultReader, batch: ResultBatch):
    await batch.add("A", rows(n=[1]))
    with pytest.raises(BadInput) as caught:
        await page(reader, batch, columns=("x", "n", "y"))
    assert [problem.pointer for problem in caught.value.problems] == ["/columns", "/columns"]
    assert "'x'" in str(caught.value.problems[0].message)


@every_form
async def test_a_batch_without_rows_gives_a_file_that_can_be_read(
    reader: ResultReader, batch: ResultBatch, form: FileFormat
):
    assert READERS[form](await file_of(reader, batch, form)) == []
    await batch.add("Empty", pa.RecordBatch.from_pylist([], schema=pa.schema([("cost", pa.float64())])))
    await batch.add("Filtered", rows(cost=[1.0]))
    content = await file_of(reader, batch, form, filters=[Filter("cost", Op.GT, 5)])
    assert READERS[form](content) == []
    if form in {FileFormat.PARQUET, FileFormat.ARROW}:
        names = pq.read_schema(io.BytesIO(content)).names if form is FileFormat.PARQUET else None
        assert (names or pa.ipc.open_stream(content).schema.names)[2:] == ["cost"]


TYPED = pa.RecordBatch.from_pydict(
    {
        "day": pa.array([date(2026, 1, 31)]),
        "moment": pa.array([datetime(2026, 1, 31, 12, 30, 15, tzinfo=UTC)], pa.timestamp("us", "UTC")),
        "price": pa.array([Decimal("12.50")], pa.decimal128(18, 2)),
        "won": pa.array([True]),
        "tags": pa.array([["a", "b"]]),
    }
)


async def test_parquet_and_arrow_keep_the_types(reader: ResultReader, batch: ResultBatch):
    await batch.add("Typed", TYPED)
    for form in (FileFormat.PARQUET, FileFormat.ARROW):
        content = await file_of(reader, batch, form)
        (row,) = READERS[form](content)
        assert {name: row[name] for name in TYPED.schema.names} == TYPED.to_pylist()[0]


async def test_json_lines_write_values_as_pages_do(reader: ResultReader, batch: ResultBatch):
    await batch.add("Typed", TYPED)
    (row,) = jsonl(await file_of(reader, batch, FileFormat.JSONL))
    assert row == (await page(reader, batch)).rows[0]
    assert row["moment"] == "2026-01-31T12:30:15Z"


async def test_a_sheet_has_days_moments_numbers_and_truth(reader: ResultReader, batch: ResultBatch):
    await batch.add("Typed", TYPED)
    (row,) = xlsx(await file_of(reader, batch, FileFormat.XLSX))
    assert row["day"] == datetime(2026, 1, 31)  # noqa: DTZ001 -- a sheet knows no zone
    assert row["moment"] == datetime(2026, 1, 31, 12, 30, 15)  # noqa: DTZ001 -- a sheet knows no zone
    assert (row["price"], row["won"], row["tags"]) == (12.5, True, '["a","b"]')


async def test_a_sheet_keeps_what_it_cannot_hold_as_a_number_as_text(
    reader: ResultReader, batch: ResultBatch
):
    await batch.add(
        "Odd",
        pa.RecordBatch.from_pydict(
            {
                "account": pa.array([2**63 - 1, -(2**63), 7]),
                "day": pa.array([date(1850, 1, 1), date(1900, 3, 1), None]),
                "rate": pa.array([1e300, -2.5, None]),
            }
        ),
    )
    found = xlsx(await file_of(reader, batch, FileFormat.XLSX))
    assert [row["account"] for row in found] == [str(2**63 - 1), str(-(2**63)), 7]
    assert [row["rate"] for row in found] == [1e300, -2.5, None]
    assert found[0]["day"] == "1850-01-01"
    assert found[1]["day"] == datetime(1900, 3, 1)  # noqa: DTZ001 -- a sheet knows no zone


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://evil.test","x")']


async def test_text_in_a_sheet_never_runs_as_a_formula(reader: ResultReader, batch: ResultBatch):
    await batch.add("=cmd|' /C calc'!A0", rows(text=FORMULAS, plain=["safe"] * len(FORMULAS)))
    content = await file_of(reader, batch, FileFormat.XLSX)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    cells = list(sheet.iter_rows(min_row=2))
    for row, text in zip(cells, FORMULAS, strict=True):
        name, _, value, plain = row
        assert value.value == text
        assert {value.data_type, name.data_type} == {"s"}
        assert (value.quotePrefix, name.quotePrefix, plain.quotePrefix) == (True, True, False)
    assert b'"\'=1+1"' in await csv_of(reader, batch)


async def test_a_sheet_takes_any_text(reader: ResultReader, batch: ResultBatch):
    texts = ["a\0b\x07c\ufffe", "_x0041_", "x" * 40_000, "  spaces  ", "]]>&amp;", "😀" * 10]
    await batch.add("Odd \x01 name", rows(text=texts))
    found = [row["text"] for row in xlsx(await file_of(reader, batch, FileFormat.XLSX))]
    assert found[0] == "abc"
    assert found[1] in {"_x0041_", "_x005F_x0041_"}
    assert len(found[2]) == 32_767
    assert found[3:] == ["  spaces  ", "]]>&amp;", "😀" * 10]


async def test_more_rows_than_a_sheet_holds_go_on_in_the_next_one(
    reader: ResultReader, batch: ResultBatch, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("fanfold.results.workbook.SHEET_ROWS", 1001)
    await batch.add("Long", rows(n=range(2500)))
    found = sheets_of(await file_of(reader, batch, FileFormat.XLSX))
    assert [len(sheet) for sheet in found] == [1000, 1000, 500]
    assert [row["n"] for sheet in found for row in sheet] == list(range(2500))


async def test_a_file_comes_in_many_chunks_and_in_row_groups(
    reader: ResultReader, batch: ResultBatch, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("fanfold.results.exporting._GROUP_ROWS", 20_000)
    await batch.add("Long", rows(n=range(100_000)))
    for form in FileFormat:
        file = await reader.file(batch.id, form, user_id=batch.user_id)
        chunks = [chunk async for chunk in file.chunks]
        assert len(chunks) > 3, form
    content = await file_of(reader, batch, FileFormat.PARQUET)
    assert pq.ParquetFile(io.BytesIO(content)).metadata.num_row_groups >= 3


async def test_what_is_wrong_is_said_before_the_first_byte(reader: ResultReader, batch: ResultBatch):
    await batch.add("A", rows(n=[1]))
    for form in FileFormat:
        with pytest.raises(BadInput):
            await reader.file(batch.id, form, user_id=batch.user_id, rows=_unknown_sort())


def _unknown_sort() -> Any:
    from fanfold.results.asking import Rows as Asked  # noqa: PLC0415 -- the name is taken here

    return Asked(sort="nothing")


@every_form
async def test_names_that_sql_would_stumble_over_are_just_names(
    reader: ResultReader, batch: ResultBatch, form: FileFormat
):
    names = ['a"b', "c'd; drop table x --", "$names", "e,f", "<g>", "ü", "=1+1"]
    await batch.add("A", pa.RecordBatch.from_arrays([pa.array([1])] * len(names), names=names))
    found = READERS[form](await file_of(reader, batch, form, columns=tuple(names)))
    assert found == [dict.fromkeys(names, 1)]


async def test_json_lines_hold_nothing_that_json_does_not_know(reader: ResultReader, batch: ResultBatch):
    odd = [[1.0, float("nan"), float("-inf")], None, [2.5]]
    await batch.add("Odd", rows(many=odd, one=[float("inf"), 0.5, None], text=["NaN", 'Infinity,"', ""]))
    content = await file_of(reader, batch, FileFormat.JSONL, columns=("many", "one", "text"))

    def refuse(word: str) -> None:
        raise AssertionError(word)

    found = [json.loads(line, parse_constant=refuse) for line in content.decode().splitlines()]
    assert [list(row.values()) for row in found] == [
        [[1.0, None, None], None, "NaN"],
        [None, 0.5, 'Infinity,"'],
        [[2.5], None, ""],
    ]
    assert found == (await page(reader, batch, columns=("many", "one", "text"))).rows


async def test_notes_say_which_instances_differ_and_how(reader: ResultReader, batch: ResultBatch):
    for number in range(3):
        await batch.add(f"Usual {number}", rows(id=[1], cost=[1.5], seen=[date(2026, 1, 1)]))
    await batch.add("Whole", rows(ID=[2], cost=[7], seen=["soon"]))
    await batch.add("Bare", rows(id=[3], cost=pa.array([None], pa.null())))

    found = await page(reader, batch)

    assert found.body()["notes"] == [
        {
            "column": "cost",
            "instances": ["Whole"],
            "instance_count": 1,
            "note": "stored as int64, shown as number (DOUBLE) beside double",
        },
        {
            "column": "seen",
            "instances": ["Bare"],
            "instance_count": 1,
            "note": "has no such column, shown as null",
        },
        {
            "column": "seen",
            "instances": ["Whole"],
            "instance_count": 1,
            "note": "stored as string, shown as string beside date32[day]",
        },
    ]
    assert [row["cost"] for row in found.rows] == [1.5, 1.5, 1.5, 7.0, None]
    assert [row["seen"] for row in found.rows][-2:] == ["soon", None]
    for form, read in READERS.items():
        content = await file_of(reader, batch, form, columns=("id", "cost"))
        assert read(content) == [
            {"id": n, "cost": cost}
            for n, cost in zip([1, 1, 1, 2, 3], [1.5, 1.5, 1.5, 7.0, None], strict=True)
        ]

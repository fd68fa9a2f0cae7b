"""AMC's result files become typed rows under one schema."""

from __future__ import annotations

import gzip
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from fanfold.kinds.amc_workflow import csvfile
from fanfold.kinds.amc_workflow.result import write_result
from fanfold.sdk.errors import Retryable
from fanfold.sdk.testing import RecordingSink


def column(name, data_type, **fields):
    return {"name": name, "columnType": "METRIC", "dataType": data_type, **fields}


@pytest.fixture
def files(tmp_path):
    def write(*contents):
        paths = []
        for number, content in enumerate(contents):
            path = tmp_path / f"part-{number}.csv"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            paths.append(path)
        return paths

    return write


async def read(paths, columns=()):
    sink = RecordingSink()
    return await write_result(paths, columns, sink=sink), sink


async def test_declared_types_decide(files):
    declared = [
        column("byte", "BYTE"),
        column("short", "SHORT"),
        column("whole", "INTEGER"),
        column("long", "LONG"),
        column("float", "FLOAT"),
        column("double", "DOUBLE"),
        column("amount", "DECIMAL", precision=38, scale=17),
        column("flag", "BOOLEAN"),
        column("day", "DATE"),
        column("moment", "TIMESTAMP"),
        column("code", "STRING"),
        column("path", {"type": "ARRAY", "elementDataType": "STRING"}),
    ]
    header = ",".join(each["name"] for each in declared)
    numbers = "1,2,3,9007199254740993,0.5,1e-3,12.34567890123456789"
    row = f'{numbers},TRUE,2026-10-01,2026-10-01T06:07:08.250Z,007,"[[1, a]]"'

    result, sink = await read(files(f"{header}\n{row}\n"), declared)

    assert sink.rows == [
        {
            "byte": 1,
            "short": 2,
            "whole": 3,
            "long": 9007199254740993,
            "float": 0.5,
            "double": 0.001,
            "amount": Decimal("12.34567890123456789"),
            "flag": True,
            "day": date(2026, 10, 1),
            "moment": datetime(2026, 10, 1, 6, 7, 8, 250_000),  # noqa: DTZ001 -- AMC names no zone
            "code": "007",
            "path": "[[1, a]]",
        }
    ]
    assert (result.rows, result.warnings) == (1, ())


async def test_quotes_are_read_in_both_of_their_escapes(files):
    content = 'name,n\n"say \\"hi\\"",1\n"say ""hi""",2\n"a, b\nc",3\n"back\\\\slash",4\n'

    _, sink = await read(files(content))

    assert [row["name"] for row in sink.rows] == ['say "hi"', 'say "hi"', "a, b\nc", "back\\slash"]
    assert [row["n"] for row in sink.rows] == [1, 2, 3, 4]


async def test_nothing_is_null_and_quoted_nothing_is_empty_text(files):
    _, sink = await read(files('a,b\n,""\nx,\n'))

    assert sink.rows == [{"a": None, "b": ""}, {"a": "x", "b": None}]


async def test_an_empty_line_in_a_file_of_one_column_is_a_null(files):
    _, sink = await read(files("a\nx\n\ny\n"))

    assert [row["a"] for row in sink.rows] == ["x", None, "y"]


async def test_types_are_inferred_only_where_every_value_agrees(files):
    content = (
        "whole,fraction,mixed,flag,day,moment,code,big,text,nothing\n"
        "1,1.5,1,true,2026-10-01,2026-10-01 00:00:00,007,99999999999999999999,a,\n"
        "-20,2,2.25,FALSE,2026-10-02,2026-10-02T12:00:00.5Z,12,1,1,\n"
    )

    _, sink = await read(files(content))

    types = dict(zip(sink.batches[0].schema.names, sink.batches[0].schema.types, strict=True))
    assert types == {
        "whole": pa.int64(),
        "fraction": pa.float64(),
        "mixed": pa.float64(),
        "flag": pa.bool_(),
        "day": pa.date32(),
        "moment": pa.timestamp("ms"),
        "code": pa.string(),
        "big": pa.string(),
        "text": pa.string(),
        "nothing": pa.string(),
    }


async def test_a_late_value_decides_for_the_whole_column_and_every_file(files, monkeypatch):
    monkeypatch.setattr(csvfile, "_BLOCK_BYTES", 64)
    numbers = "n\n" + "\n".join(str(number) for number in range(100)) + "\n"

    result, sink = await read(files(numbers, "n\nlate\n"))

    assert len(sink.batches) > 2
    assert {str(batch.schema.field("n").type) for batch in sink.batches} == {"string"}
    assert result.rows == 101


async def test_values_that_break_their_declared_type_are_kept_as_text_with_a_warning(files):
    result, sink = await read(files("n\n1\nmany\n"), [column("n", "LONG")])

    assert [row["n"] for row in sink.rows] == ["1", "many"]
    assert result.warnings == ("Column n holds values that are no LONG; it is kept as text.",)


async def test_several_files_lose_their_headers_but_no_row(files):
    result, sink = await read(files("a,b\n1,x\n", "a,b\n", "a,b\n2,y\n"))

    assert sink.rows == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    assert result.rows == 2


@pytest.mark.parametrize("content", ["a,n\n", "a,n", "", "\ufeffa,n\r\n"])
async def test_a_header_without_rows_keeps_the_declared_columns(files, content):
    result, sink = await read(files(content), [column("a", "STRING"), column("n", "LONG")])

    assert result.rows == 0
    assert [batch.num_rows for batch in sink.batches] == [0]
    assert sink.batches[0].schema.types == [pa.string(), pa.int64()]


async def test_a_header_without_rows_and_declarations_writes_nothing(files):
    result, sink = await read(files("a,n\n"))

    assert result.rows == 0
    assert sink.batches == []


async def test_a_byte_order_mark_and_a_missing_last_newline_do_no_harm(files):
    _, sink = await read(files("\ufeffa,n\r\nx,1\r\ny,2"))

    assert sink.rows == [{"a": "x", "n": 1}, {"a": "y", "n": 2}]


async def test_a_header_that_spans_lines_is_one_header(files):
    _, sink = await read(files('"a\nb",n\nx,1\n'))

    assert sink.rows == [{"a\nb": "x", "n": 1}]


async def test_columns_of_one_name_are_told_apart(files):
    _, sink = await read(files("n,N,,n\n1,2,3,4\n"))

    assert sink.rows == [{"n": 1, "N_2": 2, "column": 3, "n_3": 4}]


async def test_a_compressed_file_is_read_all_the_same(files):
    _, sink = await read(files(gzip.compress(b"a\nx\n")))

    assert sink.rows == [{"a": "x"}]


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1\n",
        b"a,b\n1,2,3\n",
        b"a\n\xff\xfe\n",
        b"\xff\xfe,b\n1,2\n",
        gzip.compress(b"a\n" + b"x\n" * 9999)[:-20],
    ],
    ids=["short row", "long row", "no text", "no text in the header", "cut archive"],
)
async def test_a_damaged_file_writes_nothing_and_is_worth_another_try(files, content):
    sink = RecordingSink()

    with pytest.raises(Retryable, match="cannot be read"):
        await write_result(files(b"a,b\n1,2\n" if b"," in content[:4] else b"a\nx\n", content), (), sink=sink)

    assert sink.batches == []


async def test_files_that_disagree_write_nothing(files):
    sink = RecordingSink()

    with pytest.raises(Retryable, match="different columns"):
        await write_result(files("a\n1\n", "b\n1\n"), (), sink=sink)

    assert sink.batches == []


async def test_a_large_file_is_written_in_bounded_batches(files):
    lines = "\n".join(f"campaign {number},{number}" for number in range(200_000))

    result, sink = await read(files(f"campaign,n\n{lines}\n"), [column("n", "LONG")])

    assert result.rows == 200_000
    assert max(batch.num_rows for batch in sink.batches) <= 65_536
    assert sum(batch.column("n").to_numpy().sum() for batch in sink.batches) == sum(range(200_000))

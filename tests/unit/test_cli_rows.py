"""What `fanfold batch results` reads of its flags."""

from __future__ import annotations

from pathlib import Path

import pytest

from fanfold.cli.batch_results import FileFlags, Form
from fanfold.cli.row_flags import condition, listed, sql_of
from fanfold.client.errors import BadInput
from fanfold.client.files import form_of
from fanfold.client.results import names

TYPES = {"cost": "number", "brand": "string", "day": "date", "is_new": "boolean"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cost>10", {"column": "cost", "op": "gt", "value": 10}),
        ("Cost >= 1.5", {"column": "Cost", "op": "ge", "value": 1.5}),
        ("cost!=0", {"column": "cost", "op": "ne", "value": 0}),
        ("brand=10", {"column": "brand", "op": "eq", "value": "10"}),
        ("brand=a=b", {"column": "brand", "op": "eq", "value": "a=b"}),
        ("brand~shoe", {"column": "brand", "op": "contains", "value": "shoe"}),
        (
            "day in 2026-01-01, 2026-01-02",
            {"column": "day", "op": "in", "value": ["2026-01-01", "2026-01-02"]},
        ),
        ("is_new=true", {"column": "is_new", "op": "eq", "value": True}),
        ("cost is null", {"column": "cost", "op": "is_null"}),
        ("cost is not null", {"column": "cost", "op": "not_null"}),
        # What is no number goes to the server as it is, which says what it wants.
        ("cost=much", {"column": "cost", "op": "eq", "value": "much"}),
    ],
)
def test_a_condition_is_typed_as_its_column_is(text, expected):
    assert condition(text, TYPES) == expected


def test_what_is_no_condition_is_refused():
    with pytest.raises(BadInput, match="give COLUMN=VALUE"):
        condition("cost", TYPES)


def test_names_with_commas_are_sent_in_quotes():
    assert names(["a", "b,c"]) == 'a,"b,c"'
    assert names([]) is None
    assert listed(" a, b,,") == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("t.csv", "csv"),
        ("t.XLSX", "xlsx"),
        ("t.arrows", "arrow"),
        ("t.ndjson", "jsonl"),
        ("t.txt", None),
        ("t", None),
    ],
)
def test_a_files_name_says_what_it_is(name, form):
    assert form_of(Path(name)) == form


def test_a_file_goes_where_it_is_sent():
    assert FileFlags().place() is None
    assert FileFlags(csv="-").place() == ("csv", "-")
    assert FileFlags(output="table.parquet").place() == ("parquet", "table.parquet")
    assert FileFlags(form=Form.JSONL).place() == ("jsonl", "-")
    assert FileFlags(form=Form.CSV, output="table.txt").place() == ("csv", "table.txt")


def test_a_file_whose_form_nobody_says_is_refused():
    with pytest.raises(BadInput, match="--format"):
        FileFlags(output="table.txt").place()


def test_an_aggregation_is_given_as_text_or_as_a_file(tmp_path):
    file = tmp_path / "totals.sql"
    file.write_text("select 1")
    assert sql_of(str(file)) == "select 1"
    assert sql_of("select 2") == "select 2"
    with pytest.raises(BadInput, match="cannot be read"):
        sql_of(str(tmp_path / "none.sql"))

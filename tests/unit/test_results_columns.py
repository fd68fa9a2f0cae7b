from __future__ import annotations

import pyarrow as pa
import pytest

from fanfold.results.columns import Column, UnitedColumn, column_type, columns_of, storable, unite


def columns(**arrows: str) -> tuple[Column, ...]:
    return tuple(Column(name, column_type(arrow), arrow) for name, arrow in arrows.items())


@pytest.mark.parametrize(
    ("arrow", "expected"),
    [
        ("int8", "number"),
        ("uint64", "number"),
        ("float", "number"),
        ("double", "number"),
        ("decimal128(38, 10)", "number"),
        ("bool", "boolean"),
        ("date32[day]", "date"),
        ("timestamp[us, tz=UTC]", "timestamp"),
        ("string", "string"),
        ("binary", "string"),
        ("list<element: int64>", "string"),
        ("interval", "string"),
    ],
)
def test_a_type_shows_as(arrow: str, expected: str):
    assert column_type(arrow) == expected


@pytest.mark.parametrize(
    ("arrows", "sql_type"),
    [
        (["int8", "int64"], "BIGINT"),
        (["int64", "uint64"], "HUGEINT"),
        (["int32", "double"], "DOUBLE"),
        (["float", "decimal128(9, 2)"], "DOUBLE"),
        (["decimal128(9, 2)", "decimal128(12, 4)"], "DECIMAL(12, 4)"),
        (["decimal128(9, 2)", "int64"], "DECIMAL(21, 2)"),
        (["decimal128(38, 2)", "decimal128(38, 30)"], "DOUBLE"),
        (["int64", "string"], "VARCHAR"),
        (["bool", "int64"], "VARCHAR"),
        (["list<element: int64>", "list<element: string>"], "VARCHAR"),
        (["date32[day]", "timestamp[us, tz=UTC]"], "TIMESTAMP"),
        (["timestamp[us, tz=UTC]", "timestamp[us, tz=UTC]"], "TIMESTAMP"),
        (["int64", "int64"], None),
        (["null", "int64"], None),
        (["null", "date32[day]", "string"], "VARCHAR"),
    ],
)
def test_types_of_one_column_are_widened_to(arrows: list[str], sql_type: str | None):
    (united,) = unite([columns(x=arrow) for arrow in arrows])
    assert united.sql_type == sql_type


def test_columns_are_united_by_name_in_order_of_appearance_and_noted_where_they_differ():
    united = unite([columns(a="int64", b="string"), columns(B="string", c="bool"), columns(b="int64")])
    assert united == [
        UnitedColumn("a", column_type("int64"), None, note="missing in 2 of 3 results"),
        UnitedColumn(
            "b",
            column_type("string"),
            "VARCHAR",
            note="number and string in different results, shown as string",
        ),
        UnitedColumn("c", column_type("bool"), None, note="missing in 2 of 3 results"),
    ]


def test_nothing_but_nulls_fits_to_every_type_without_a_note():
    assert unite([columns(a="null"), columns(a="int64")]) == [UnitedColumn("a", column_type("int64"), None)]


def test_storable_names_are_unique_whatever_their_case():
    names = ["x", "X", "x_2", "", "file_index", "_INSTANCE_NAME", "a\0b"]
    stored = storable(pa.schema([(name, pa.int64()) for name in names]))
    assert stored.names == ["x", "X_2", "x_2_2", "column_4", "file_index_2", "_INSTANCE_NAME_2", "ab"]


def test_every_time_is_stored_in_utc_microseconds():
    given = pa.schema(
        [("a", pa.timestamp("ns")), ("b", pa.timestamp("s", "Europe/Berlin")), ("c", pa.date64())]
    )
    assert [column.arrow for column in columns_of(given)] == ["timestamp[us, tz=UTC]"] * 2 + ["date32[day]"]

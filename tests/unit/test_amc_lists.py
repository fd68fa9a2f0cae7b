"""Lists that fill a VALUES: what is sent to AMC has a row for each entry."""

from __future__ import annotations

import pytest
import sqlglot

from fanfold.kinds.amc_workflow.definition import parameters_of
from fanfold.kinds.amc_workflow.sql.lists import with_lists

SQL = "WITH w (asin) AS (VALUES (CUSTOM_PARAMETER('asins'))) SELECT asin, COUNT(*) AS n FROM w GROUP BY 1"


def written(data_type, values, sql=SQL, default=None):
    declared = parameters_of({"parameters": [{"name": "asins", "data_type": data_type, "default": default}]})
    return with_lists(sql, declared, parameters={} if values is None else {"asins": values})


@pytest.mark.parametrize(
    ("data_type", "values", "rows"),
    [
        ("ARRAY<STRING>", ["B01", "it's"], "('B01'), ('it''s')"),
        ("ARRAY<LONG>", [1, -2], "(1), (-2)"),
        ("ARRAY<DECIMAL>", ["1.50"], "(1.50)"),
        ("ARRAY<BOOLEAN>", [True, False], "(TRUE), (FALSE)"),
        ("ARRAY<DATE>", ["2026-01-31"], "(CAST('2026-01-31' AS DATE))"),
    ],
)
def test_each_entry_becomes_a_row_in_its_type(data_type, values, rows):
    assert written(data_type, values) == SQL.replace("(CUSTOM_PARAMETER('asins'))", rows)


def test_the_default_fills_it_too():
    assert "VALUES ('a'), ('b'))" in written("ARRAY<STRING>", None, default=["a", "b"])


def test_an_entry_cannot_leave_its_quotes():
    query = written("ARRAY<STRING>", ["x'); DROP TABLE users; --", "y' OR '1'='1"])
    (statement,) = sqlglot.parse(query)
    assert statement is not None
    literals = [each.name for each in statement.find_all(sqlglot.exp.Literal) if each.is_string]
    assert sorted(literals) == ["x'); DROP TABLE users; --", "y' OR '1'='1"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT CUSTOM_PARAMETER('asins') AS a, COUNT(*) AS n FROM t",
        "WITH w (a, b) AS (VALUES (CUSTOM_PARAMETER('asins'), 1)) SELECT a, COUNT(*) AS n FROM w GROUP BY 1",
        "SELECT 'VALUES (CUSTOM_PARAMETER(''asins''))' AS a, COUNT(*) AS n FROM t",
        "WITH w (a) AS (VALUES (CUSTOM_PARAMETER('other'))) SELECT a, COUNT(*) AS n FROM w GROUP BY 1",
    ],
)
def test_everything_else_stays_as_it_is(sql):
    assert written("ARRAY<STRING>", ["x"], sql) == sql


def test_a_single_value_stays_a_parameter():
    assert written("STRING", "x") == SQL

"""The check of AMC SQL: what AMC refuses is found at its place, and what it takes is let through."""

from __future__ import annotations

import pytest

from fanfold.kinds.amc_workflow import AmcWorkflow
from fanfold.kinds.amc_workflow.sql.text import without_trailing_semicolon
from tests.unit.amc_queries import SOUND

KIND = AmcWorkflow()


# The queries here are about other rules and read tables that nobody has; these have tests of their own.
ABOUT_NAMES = {"unknown_table", "unknown_column", "cost_cross_join"}


def inspect(sql, *parameters):
    declared = [{"name": name, "data_type": "STRING"} for name in parameters]
    findings = KIND.inspect({"sql_query": sql, "parameters": declared})
    return [finding for finding in findings if finding.rule not in ABOUT_NAMES]


def found(sql, *parameters):
    return [(finding.rule, finding.line, finding.column) for finding in inspect(sql, *parameters)]


@pytest.mark.parametrize("name", SOUND)
def test_ordinary_queries_pass(name):
    assert inspect(SOUND[name]) == []


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "SELECT site, RANK() OVER (ORDER BY COUNT(*)) AS r\nFROM dsp_clicks\nGROUP BY 1\nHAVING r < 4",
            [("rank_in_having", 4, 8)],
        ),
        ("SELECT campaign, COUNT(*) AS n\nFROM dsp_clicks\nGROUP BY 1\nLIMIT 10", [("limit", 4, 1)]),
        ("SELECT COUNT(*) AS n FROM a OFFSET 3", [("limit", 1, 29)]),
        ("SELECT COUNT(*) AS n FROM a RIGHT JOIN b ON a.x = b.x", [("right_join", 1, 29)]),
        ("SELECT COUNT(*) AS n FROM a RIGHT OUTER JOIN b ON a.x = b.x", [("right_join", 1, 29)]),
        ("SELECT * FROM dsp_clicks", [("select_star", 1, 8), ("no_aggregate", 1, 15)]),
        ("SELECT c.*, COUNT(*) AS n FROM dsp_clicks c GROUP BY 1", [("select_star", 1, 10)]),
        ("SELECT a || b AS ab, COUNT(*) AS n FROM t GROUP BY 1", [("concat_operator", 1, 10)]),
        ("SELECT NTILE(4) OVER (ORDER BY x) AS q, COUNT(*) AS n FROM t GROUP BY x", [("ntile", 1, 8)]),
        ("SELECT x, COUNT(*) OVER () AS n FROM t GROUP BY x", [("count_star_over", 1, 11)]),
        ("SELECT GETDATE() AS d, COUNT(*) AS n FROM t", [("getdate", 1, 8)]),
        ("SELECT COLLECT(CONCAT(a, b)) AS ab FROM t GROUP BY x", [("collect_expression", 1, 8)]),
        ("SELECT COUNT(*) FROM a\nINTERSECT\nSELECT COUNT(*) FROM b", [("set_operation", 2, 1)]),
        ("SELECT COUNT(*) FROM a EXCEPT SELECT COUNT(*) FROM b", [("set_operation", 1, 24)]),
        (
            "SELECT x, COUNT(*) AS n FROM t GROUP BY x QUALIFY ROW_NUMBER() OVER (ORDER BY x) = 1",
            [("qualify", 1, 43)],
        ),
        ("SELECT campaign FROM dsp_clicks", [("no_aggregate", 1, 8)]),
        ("DELETE FROM dsp_clicks", [("not_a_query", 1, 1)]),
        ("CREATE TABLE t (a INT)", [("not_a_query", 1, 1)]),
        ("SELECT COUNT(*) AS n FROM a; SELECT 1", [("one_statement", 1, 28)]),
        ("", [("empty", None, None)]),
        ("-- nothing", [("empty", None, None)]),
        ("SELECT COUNT(*)\nFORM t", [("syntax", 2, 6)]),
        ("SELECT (1 FROM t", [("syntax", 1, 11)]),
        ("SELECT 'open FROM t", [("syntax", None, None)]),
        ("SELECT BUILT_IN_PARAMETER('NOW') AS n, COUNT(*) AS c FROM t", [("built_in_parameter", 1, 8)]),
    ],
)
def test_what_amc_refuses_is_found_at_its_place(sql, expected):
    assert found(sql) == expected
    assert all(finding.severity == "error" for finding in inspect(sql))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT x, COUNT(*) AS n FROM t GROUP BY x ORDER BY n DESC", "order_by"),
        ("SELECT COUNT(*) AS n FROM t WHERE d > INTERVAL '1' DAY", "interval"),
        ("SELECT COUNT(*) AS n FROM t WHERE x = :x", "placeholder"),
        ("SELECT COUNT(*) AS n FROM t;", "trailing_semicolon"),
    ],
)
def test_what_may_pass_is_only_warned_about(sql, expected):
    assert [(finding.rule, finding.severity) for finding in inspect(sql)] == [(expected, "warning")]


def test_an_order_inside_a_window_is_no_outer_order():
    assert found("SELECT x, COUNT(*) AS n, ROW_NUMBER() OVER (ORDER BY x) AS r FROM t GROUP BY x") == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT user_id, COUNT(*) AS n FROM dsp_impressions GROUP BY user_id",
        "SELECT i.USER_ID AS who, COUNT(*) AS n FROM dsp_impressions i GROUP BY 1",
        "SELECT CONCAT('u', user_id) AS who, COUNT(*) AS n FROM dsp_impressions GROUP BY 1",
        "SELECT MIN(user_id) AS who, COUNT(*) AS n FROM dsp_impressions",
        "WITH u AS (SELECT user_id AS who FROM conversions) SELECT who, COUNT(*) AS n FROM u GROUP BY who",
        "SELECT who, SUM(n) AS n FROM (SELECT user_id AS who, COUNT(*) AS n FROM conversions GROUP BY 1) x",
        """WITH u AS (SELECT campaign AS c FROM dsp_clicks UNION ALL SELECT user_id AS c FROM dsp_clicks)
           SELECT c, COUNT(*) AS n FROM u GROUP BY c""",
        "SELECT user_id, COUNT(*) AS n FROM TABLE(EXTEND_TIME_WINDOW('dsp_clicks', 'P7D', 'P0D')) GROUP BY 1",
        "SELECT user_id, COUNT(*) AS n FROM dsp_impressions_for_audiences GROUP BY user_id",
        "SELECT marketplace_id, COUNT(*) AS n FROM conversions_all GROUP BY 1",
        "SELECT COUNT(*) AS n, user_id FROM audience_segments_eu_lifestyle GROUP BY 2",
        """SELECT 'x' AS c, COUNT(*) AS n FROM t
           UNION ALL SELECT user_id AS c, COUNT(*) AS n FROM conversions GROUP BY 1""",
    ],
)
def test_columns_that_amc_never_shows_are_found_in_the_output(sql):
    assert {finding.rule for finding in inspect(sql)} == {"sensitive_output"}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(DISTINCT user_id) AS n FROM dsp_impressions",
        "SELECT SUM(IF(user_id IS NULL, 1, 0)) AS unknown FROM dsp_impressions",
        "SELECT COUNT(CASE WHEN clicks > 0 THEN user_id END) AS n FROM dsp_clicks",
        """WITH u AS (SELECT user_id, COUNT(*) AS n FROM conversions GROUP BY 1)
           SELECT n, COUNT(*) AS c FROM u GROUP BY n""",
        "SELECT marketplace_id, COUNT(*) AS n FROM amazon_retail_purchases GROUP BY 1",
    ],
)
def test_counting_what_is_never_shown_is_fine(sql):
    assert found(sql) == []


@pytest.mark.parametrize(
    "condition",
    [
        "user_id = 'abc'",
        "user_id IN ('a', 'b')",
        "postal_code LIKE '10%'",
        "postal_code IN ('10001')",
        "user_id <> CUSTOM_PARAMETER('p')",
        "'abc' = user_id",
        "user_id = CAST('abc' AS CHAR)",
        "CAST(postal_code AS INTEGER) BETWEEN 10000 AND 19999",
    ],
)
def test_comparing_what_is_never_shown_with_a_literal_is_refused(condition):
    sql = f"SELECT COUNT(*) AS n, CUSTOM_PARAMETER('p') AS p FROM dsp_impressions WHERE {condition}"

    assert [rule for rule, *_ in found(sql, "p")] == ["sensitive_comparison"]


@pytest.mark.parametrize("function", ["LAG(click_dt_utc)", "LEAD(click_dt_utc)", "FIRST_VALUE(click_dt_utc)"])
def test_a_window_function_that_nobody_documents_is_warned_of(function):
    sql = f"""WITH c AS (SELECT user_id, {function} OVER (PARTITION BY user_id ORDER BY click_dt_utc) AS other
              FROM dsp_clicks) SELECT COUNT(other) AS n FROM c"""
    (finding,) = inspect(sql)
    assert (finding.rule, finding.severity, finding.line) == ("window_function", "warning", 1)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) AS n FROM dsp_impressions WHERE LOWER(user_id) = 'a'",
        "SELECT COUNT(*) AS n FROM dsp_impressions WHERE 'a' = CONCAT(user_id, '')",
        "WITH u AS (SELECT user_id AS who FROM conversions) SELECT COUNT(*) AS n FROM u WHERE who = 'a'",
        "SELECT campaign, COUNT(*) AS n FROM dsp_impressions GROUP BY 1 HAVING MIN(user_id) > 'x'",
    ],
)
def test_comparing_what_is_made_of_it_is_warned_of(sql):
    (finding,) = inspect(sql)
    assert (finding.rule, finding.severity) == ("sensitive_derivation", "warning")
    assert "user_id" in finding.message


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT campaign, COUNT(*) AS n FROM dsp_impressions GROUP BY 1 HAVING COUNT(DISTINCT user_id) > 5",
        """WITH u AS (SELECT user_id, COUNT(*) AS n FROM conversions GROUP BY 1)
           SELECT COUNT(*) AS c FROM u WHERE n > 3""",
        """SELECT COUNT(*) AS n FROM dsp_impressions
           WHERE user_id IN (SELECT user_id FROM conversions WHERE event_subtype = 'order')""",
    ],
)
def test_comparing_its_counts_is_fine(sql):
    assert found(sql) == []


def test_null_tests_and_joins_on_what_is_never_shown_are_fine():
    assert (
        found(
            "SELECT COUNT(*) AS n FROM dsp_impressions a JOIN conversions b ON a.user_id = b.user_id "
            "WHERE a.user_id IS NOT NULL AND a.city_name IS NULL"
        )
        == []
    )


def test_parameters_are_held_against_their_declaration():
    sql = "SELECT CUSTOM_PARAMETER('used') AS u,\n CUSTOM_PARAMETER('unknown') AS x, COUNT(*) AS n FROM t"

    findings = inspect(sql, "used", "idle")

    assert [(f.rule, f.severity, f.line, f.column) for f in findings] == [
        ("unused_parameter", "warning", None, None),
        ("undeclared_parameter", "error", 2, 2),
    ]


def test_a_parameter_of_the_window_read_as_ones_own_points_to_the_built_in_one():
    (finding,) = inspect("SELECT CUSTOM_PARAMETER('startDate') AS s, COUNT(*) AS n FROM t GROUP BY 1")

    assert "TIME_WINDOW_START" in finding.fix


def test_a_parameter_name_that_is_no_text_is_refused():
    assert found("SELECT CUSTOM_PARAMETER(campaign) AS s, COUNT(*) AS n FROM t GROUP BY 1") == [
        ("parameter_name", 1, 8)
    ]


def test_declarations_are_checked_themselves():
    declared = [
        {"name": "a", "data_type": "TEXT"},
        {"name": "b", "data_type": "INTEGER", "default": "x"},
        {"name": "b", "data_type": "ARRAY<DATE>", "default": ["2026-10-01"]},
    ]
    sql = "SELECT CUSTOM_PARAMETER('a') AS a, CUSTOM_PARAMETER('b') AS b, COUNT(*) AS n FROM t GROUP BY 1, 2"

    findings = KIND.inspect({"sql_query": sql, "parameters": declared})
    rules = [finding.rule for finding in findings if finding.rule not in ABOUT_NAMES]

    assert rules == ["parameter_type", "parameter_default", "duplicate_parameter"]


def test_every_finding_explains_itself_and_says_what_to_do():
    findings = inspect("SELECT *, a || b, GETDATE() FROM dsp_clicks RIGHT JOIN t ON TRUE ORDER BY 1 LIMIT 3;")

    assert len(findings) > 5
    assert all(finding.explanation and finding.fix and finding.message for finding in findings)
    assert [(f.line, f.column) for f in findings] == sorted((f.line, f.column) for f in findings)


def test_queries_built_to_exhaust_the_check_are_answered():
    doubled = ", ".join(
        f"c{n} AS (SELECT CONCAT(x.user_id, y.user_id) AS user_id FROM c{n - 1} x, c{n - 1} y)"
        for n in range(1, 40)
    )
    head, tail = (
        "WITH c0 AS (SELECT user_id FROM conversions)",
        "SELECT user_id, COUNT(*) AS n FROM c39 GROUP BY 1",
    )
    chain = f"{head}, {doubled} {tail}"

    assert [rule for rule, *_ in found(chain)] == ["sensitive_output"]
    assert [rule for rule, *_ in found("SELECT " + "(" * 5000 + "1" + ")" * 5000)] == ["nesting"]


@pytest.mark.parametrize(
    ("sql", "sent"),
    [
        ("SELECT 1;", "SELECT 1"),
        ("  SELECT 1 ;\n-- done", "SELECT 1"),
        ("SELECT ';' AS s", "SELECT ';' AS s"),
        ("SELECT 1 -- a; b\n, 2", "SELECT 1 -- a; b\n, 2"),
        ("SELECT 'open;", "SELECT 'open;"),
    ],
)
def test_only_a_semicolon_that_ends_the_query_is_taken_off(sql, sent):
    assert without_trailing_semicolon(sql) == sent

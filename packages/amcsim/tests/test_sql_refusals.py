"""What AMC refuses, with the position and, where it is known, the wording of its validator."""

import pytest

from amcsim.sql.problem import SqlProblem

REFUSED = [
    ("SELECT * FROM dsp_impressions", "At line 1, column 8: ", "SELECT \\* is not supported"),
    ("SELECT i.* FROM dsp_impressions i", "line 1", "SELECT \\* is not supported"),
    ("SELECT campaign, COUNT(*) AS n FROM dsp_clicks GROUP BY 1 LIMIT 5", "line 1", "LIMIT is not supported"),
    (
        "SELECT COUNT(*) AS n\nFROM dsp_clicks c\nRIGHT JOIN dsp_impressions i ON c.user_id = i.user_id",
        "line 3",
        "RIGHT JOIN",
    ),
    ("SELECT COUNT(*) AS n, GETDATE() AS d FROM dsp_clicks", "column 23", "GETDATE\\(\\) is not supported"),
    (
        "SELECT campaign || 'x' AS c, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
        "",
        "Unsupported scalar operation type",
    ),
    (
        "SELECT NTILE(4) OVER (ORDER BY campaign) AS q, COUNT(*) AS n FROM dsp_clicks GROUP BY campaign",
        "",
        "NTILE",
    ),
    (
        "SELECT campaign, COUNT(*) OVER () AS n FROM dsp_clicks GROUP BY campaign",
        "",
        "COUNT\\(\\*\\) OVER \\(\\)",
    ),
    (
        "SELECT COLLECT(UPPER(campaign)) AS c FROM dsp_clicks",
        "column 8",
        "Only a column may stand inside COLLECT",
    ),
    ("SELECT campaign FROM dsp_impressions", "column 8", "must contain at least one aggregate"),
    ("SELECT user_id, COUNT(*) AS n FROM dsp_clicks GROUP BY user_id", "column 8 ", "threshold VERY_HIGH"),
    ("SELECT MAX(user_id) AS u FROM dsp_clicks", "", "threshold VERY_HIGH"),
    ("SELECT request_tag AS t, COUNT(*) AS n FROM dsp_clicks GROUP BY 1", "", "threshold VERY_HIGH"),
    (
        "WITH u AS (SELECT user_id AS who, COUNT(*) AS n FROM dsp_clicks GROUP BY 1)\nSELECT who FROM u",
        "",
        "'who' has aggregation threshold VERY_HIGH",
    ),
    (
        "SELECT COUNT(*) AS n FROM dsp_clicks WHERE user_id = 'x'",
        "column 44 ",
        "cannot be compared with a literal",
    ),
    ("SELECT COUNT(*) AS n FROM dsp_clicks WHERE postal_code IN ('1', '2')", "column 44 ", "threshold HIGH"),
    ("SELECT COUNT(*) AS n FROM dsp_clicks WHERE city_name LIKE 'A%'", "column 44 ", "threshold HIGH"),
    (
        "SELECT COUNT(*) AS n FROM nowhere",
        "line 1, column 27 to line 1, column 33: ",
        "Object 'nowhere' not found",
    ),
    ("SELECT COUNT(*) AS n FROM conversions_all", "column 27 ", "Object 'conversions_all' not found"),
    (
        "SELECT\n  colour, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
        "line 2, column 3 to line 2, column 8: ",
        "Column 'colour' not found in any table",
    ),
    (
        "SELECT c.colour, COUNT(*) AS n FROM dsp_clicks c GROUP BY 1",
        "",
        "Column 'colour' not found in table 'c'",
    ),
    ("SELECT x.campaign, COUNT(*) AS n FROM dsp_clicks c GROUP BY 1", "", "Table 'x' not found"),
    (
        "SELECT campaign, COUNT(*) AS n FROM dsp_clicks a JOIN conversions_with_relevance b USING (user_id)",
        "column 8 ",
        "Column 'campaign' is ambiguous",
    ),
    (
        "WITH v(a, b) AS (VALUES (1)) SELECT COUNT(*) AS n FROM v",
        "",
        "Number of columns must match number of query columns",
    ),
    (
        "SELECT campaign, COUNT(*) AS n FROM dsp_clicks GROUP BY 1 UNION ALL SELECT campaign FROM dsp_clicks",
        "",
        "Column count mismatch in UNION",
    ),
    (
        "SELECT campaign, campaign, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
        "",
        "Duplicate output column name",
    ),
    (
        "SELECT STRING_AGG(campaign) AS c FROM dsp_clicks",
        "column 8 ",
        "No match found for function signature STRING_AGG",
    ),
    ("SELECT COUNT(*) AS n FROM dsp_clicks WHERE campaign =", "", "Encountered"),
    ("SELECT COUNT(*) AS n FROM (SELECT 1", "", "Encountered"),
    (
        "SELECT COUNT(*) AS n FROM dsp_clicks INTERSECT SELECT COUNT(*) AS n FROM dsp_clicks",
        "",
        "INTERSECT is not supported",
    ),
    ("DELETE FROM dsp_clicks", "", "Only a SELECT statement"),
    ("", "", "empty"),
    (
        "SELECT SUM(campaign) AS s FROM dsp_clicks",
        "From line 1, column 8 to line 1, column 10: ",
        "Cannot apply 'SUM' to arguments of type 'SUM\\(<VARCHAR>\\)'",
    ),
    (
        "SELECT COUNT(*) AS n FROM TABLE(EXTEND_TIME_WINDOW('dsp_clicks', '28 days', 'P0D'))",
        "",
        "Invalid ISO-8601 duration",
    ),
    (
        "SELECT COUNT(*) AS n FROM TABLE(EXTEND_TIME_WINDOW('nowhere', 'P1D', 'P0D'))",
        "",
        "Object 'nowhere' not found",
    ),
    ("SELECT COUNT(*) AS n FROM TABLE(GENERATE('x'))", "", "No match found for table function GENERATE"),
    ("SELECT COUNT(*) AS n FROM read_csv('/etc/passwd')", "", "No match found for table function READ_CSV"),
    ("SELECT COUNT(*) AS n FROM information_schema.tables", "", "Object 'tables' not found"),
    (
        "SELECT BUILT_IN_PARAMETER('NOW') AS b, COUNT(*) AS n FROM dsp_clicks",
        "",
        "Unknown built-in parameter 'NOW'",
    ),
    ("SELECT CUSTOM_PARAMETER('x') AS b, COUNT(*) AS n FROM dsp_clicks", "column 8 ", "'x' is not declared"),
]


@pytest.mark.parametrize(
    ("sql", "position", "message"), REFUSED, ids=[row[0] or "nothing" for row in REFUSED]
)
def test_a_forbidden_query_is_refused_at_its_place(query, sql, position, message):
    with pytest.raises(SqlProblem, match=message) as refusal:
        query(sql)
    assert position in str(refusal.value)


@pytest.mark.parametrize(
    ("declared", "value", "message"),
    [
        ("LONG", "many", "Invalid value for parameter 'p' of type LONG"),
        ("BOOLEAN", "perhaps", "neither true nor false"),
        ("DATE", "yesterday", "Invalid value"),
        ("STRING", None, "No value was provided for parameter 'p'"),
        ("STRING", ["a"], "expected a single value"),
        ({"type": "ARRAY", "elementDataType": "LONG"}, ["a"], "Invalid value"),
        ({"type": "ARRAY", "elementDataType": "LONG"}, 7, "expected a list"),
    ],
)
def test_a_wrong_parameter_value_is_refused(query, declared, value, message):
    with pytest.raises(SqlProblem, match=message):
        query(
            "SELECT CUSTOM_PARAMETER('p') AS p, COUNT(*) AS n FROM dsp_clicks",
            declared=[{"name": "p", "dataType": declared}],
            parameter_values={"p": value},
        )


def test_null_tests_on_guarded_columns_are_fine(query):
    (row,) = query(
        "SELECT COUNT(*) AS n FROM dsp_clicks WHERE user_id IS NOT NULL AND postal_code IS NOT NULL"
    )
    assert int(row["n"]) > 0


def test_counting_a_guarded_column_is_fine(query):
    (row,) = query("SELECT COUNT(user_id) AS a, COUNT(DISTINCT user_id) AS b FROM dsp_clicks")
    assert int(row["a"]) >= int(row["b"]) > 0

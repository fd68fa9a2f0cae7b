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
    # the parser
    (
        "SELECT campaign, FROM dsp_clicks",
        "At line 1, column 16: ",
        'Encountered ", FROM" at line 1, column 16',
    ),
    ("SELECT COUNT(*) AS n FROM dsp_clicks WHERE", "column 42", 'Encountered "<EOF>"'),
    ("SELECT COUNT(*) AS n,\n  'open FROM dsp_clicks", "", "Lexical error at line 2, column 23"),
    ("FROM dsp_clicks SELECT COUNT(*) AS n", "line 1, column 1 ", "Only a SELECT statement"),
    ("SELECT COUNT(*) AS n FROM (FROM dsp_clicks SELECT campaign) c", "column 28", 'Encountered "FROM"'),
    (
        "SELECT campaign_id::STRING AS c, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
        "column 19",
        'Encountered "::"',
    ),
    ("SELECT {'a': 1} AS c, COUNT(*) AS n FROM dsp_clicks", "column 8", 'Encountered "{"'),
    ("WITH RECURSIVE r AS (SELECT 1 AS a) SELECT SUM(a) AS s FROM r", "column 6", 'Encountered "RECURSIVE"'),
    # the grammar
    ("SELECT COUNT(*) AS n FROM dsp_clicks OFFSET 5", "", "OFFSET is not supported"),
    ("SELECT COUNT(*) AS n FROM dsp_clicks FETCH FIRST 5 ROWS ONLY", "", "LIMIT is not supported"),
    (
        "SELECT COUNT(*) AS n FROM dsp_clicks EXCEPT SELECT COUNT(*) AS n FROM dsp_clicks",
        "",
        "EXCEPT is not supported",
    ),
    (
        (
            "SELECT campaign, COUNT(*) AS n FROM dsp_clicks GROUP BY 1"
            " QUALIFY ROW_NUMBER() OVER (ORDER BY COUNT(*)) = 1"
        ),
        "",
        "QUALIFY is not supported",
    ),
    (
        "SELECT COUNT(*) AS n FROM dsp_clicks WHERE click_dt_utc > CURRENT_TIMESTAMP - INTERVAL '1' DAY",
        "",
        "INTERVAL literals are not supported",
    ),
    (
        "SELECT COUNT(*) AS n FROM dsp_clicks NATURAL JOIN dsp_impressions",
        "",
        "NATURAL JOIN is not supported",
    ),
    (
        "SELECT COUNT(*) AS n FROM dsp_clicks c SEMI JOIN dsp_impressions i ON c.user_id = i.user_id",
        "",
        "SEMI JOIN is not supported",
    ),
    ("SELECT COUNT(*) AS n FROM dsp_clicks WHERE site ILIKE 'a%'", "", "Unsupported construct ILIKE"),
    ("SELECT COUNT(*) AS n FROM dsp_clicks WHERE site = :site", "", "Unsupported construct PLACEHOLDER"),
    ("SELECT site, COUNT(*) AS n FROM dsp_clicks GROUP BY ALL", "", "Unsupported construct ALL in GROUP"),
    ("SELECT site, COUNT(*) AS n FROM dsp_clicks GROUP BY ROLLUP (site)", "", "Unsupported construct ROLLUP"),
    (
        "SELECT DISTINCT ON (site) site, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
        "",
        "Unsupported construct ON in DISTINCT",
    ),
    (
        "SELECT COUNT(*) AS n FROM dsp_clicks TABLESAMPLE (5 PERCENT)",
        "",
        "Unsupported construct SAMPLE in TABLE",
    ),
    ("SELECT * EXCEPT (site) FROM dsp_clicks", "", "Unsupported construct EXCEPT in STAR"),
    ("SELECT COUNT(*) AS n INTO t FROM dsp_clicks", "", "Unsupported construct INTO"),
    ("SELECT COUNT(*) AS n FROM dsp_clicks FOR UPDATE", "", "Unsupported construct LOCK"),
    ("SELECT COUNT(*) AS n FROM UNNEST(ARRAY[1]) AS u(x)", "", "Unsupported construct UNNEST"),
    (
        "SELECT COUNT(*) AS n FROM dsp_clicks, LATERAL (SELECT 1 AS one) l",
        "",
        "Unsupported construct LATERAL",
    ),
    (
        (
            "SELECT campaign AS c, COUNT(*) AS n FROM dsp_clicks GROUP BY 1"
            " UNION BY NAME SELECT campaign AS c, COUNT(*) AS n FROM dsp_clicks GROUP BY 1"
        ),
        "",
        "Unsupported construct BY NAME in UNION",
    ),
    ("SELECT CURRENT_USER AS u, COUNT(*) AS n FROM dsp_clicks", "", "Unsupported construct CURRENTUSER"),
    (
        "SELECT CAST(site AS HUGEINT) AS s, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
        "",
        "Unknown datatype name",
    ),
    (
        "SELECT CAST(site AS JSON) AS s, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
        "",
        "Unknown datatype name 'JSON'",
    ),
    (
        "SELECT TRY_CAST(site AS INT) AS s, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
        "",
        "function signature TRY_CAST",
    ),
    ("SELECT LEFT(site AS s, 1) AS n, COUNT(*) AS c FROM dsp_clicks", "", "ALIAS is not expected here"),
    ("SELECT SUM(clicks ORDER BY site) AS n FROM dsp_clicks", "", "ORDER is not expected here"),
    ("SELECT SUM(1 + *) AS n FROM dsp_clicks", "", "STAR is not expected here"),
    ("SELECT SUM(SELECT clicks) AS n FROM dsp_clicks", "", "SELECT is not expected here"),
    ("SELECT COUNT(*) AS n FROM dsp_clicks WHERE site IS NOT campaign", "", "IS is not expected here"),
    ("SELECT COUNT(DISTINCT ) AS n FROM dsp_clicks", "column 8 ", "Invalid number of arguments"),
    ("SELECT SUM(*) AS n FROM dsp_clicks", "column 8 ", r"Unknown identifier '\*' in SUM"),
    ("SELECT COUNT(*) AS n FROM (dsp_clicks JOIN dsp_impressions)", "", "Unsupported construct"),
    # names
    (
        "WITH a AS (SELECT 1 AS x), a AS (SELECT 2 AS x) SELECT SUM(x) AS s FROM a",
        "column 28",
        "Duplicate name 'a'",
    ),
    ("SELECT COUNT(*) AS n FROM dsp_clicks c, dsp_impressions c", "", "Duplicate relation name 'c' in FROM"),
    (
        "SELECT COUNT(colour) AS n FROM dsp_clicks",
        "line 1, column 14 ",
        "Column 'colour' not found in any table",
    ),
    ("SELECT SUM(clicks) OVER (ORDER BY colour) AS n FROM dsp_clicks", "", "Column 'colour' not found"),
    (
        "SELECT COUNT(*) AS n FROM dsp_clicks a JOIN dsp_clicks b USING (colour)",
        "",
        "Column 'colour' not found",
    ),
    ("SELECT COUNT(*) AS n FROM dsp_clicks c(a, b)", "", "Columns of a table cannot be renamed"),
    (
        "SELECT site AS __users, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
        "column 8 ",
        "'__users' is reserved",
    ),
    ("WITH c(__count) AS (VALUES (1)) SELECT SUM(__count) AS n FROM c", "", "'__count' is reserved"),
    # functions
    (
        "SELECT SUBSTR(site, 1) AS s, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
        "column 8 ",
        "function signature SUBSTR",
    ),
    (
        "SELECT SECONDS_BETWEEN(click_dt_utc) AS s, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
        "From line 1, column 8 to line 1, column 22: ",
        "Invalid number of arguments to function 'SECONDS_BETWEEN'. Was expecting 2 arguments",
    ),
    (
        "SELECT NAMED_ROW('a') AS s, COUNT(*) AS n FROM dsp_clicks",
        "",
        "Invalid number of arguments to function",
    ),
    (
        "SELECT NAMED_ROW(site, 1) AS s, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
        "",
        "must be a string literal",
    ),
    (
        "SELECT TO_VARBINARY('a', 'rot13') AS s, COUNT(*) AS n FROM dsp_clicks",
        "column 8 ",
        "unknown encoding",
    ),
    (
        "SELECT SECONDS_BETWEEN(site, site) AS s, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
        "",
        "Cannot apply 'SECONDS_BETWEEN' to arguments of type",
    ),
    (
        "SELECT COUNT(*) AS n FROM dsp_clicks WHERE no_3p_trackers > click_date",
        "At line 1, column 59: ",
        "Cannot apply '>' to arguments of type '<BOOLEAN> > <DATE>'",
    ),
    (
        "SELECT site + 1 AS s, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
        "At line 1, column 13: ",
        r"Cannot apply '\+' to arguments of type '\+\(<VARCHAR>, <INTEGER>\)'",
    ),
    ("SELECT READ_CSV('/etc/passwd') AS s, COUNT(*) AS n FROM dsp_clicks", "", "function signature READ_CSV"),
    ("SELECT GETENV('HOME') AS s, COUNT(*) AS n FROM dsp_clicks", "", "function signature GETENV"),
    # folding
    (
        "SELECT site, campaign, COUNT(*) AS n FROM dsp_clicks GROUP BY site",
        "From line 1, column 14 to line 1, column 21: ",
        "Expression 'campaign' is not being grouped",
    ),
    (
        "SELECT UPPER(site) AS s, LOWER(site) AS l, COUNT(*) AS n FROM dsp_clicks GROUP BY UPPER(site)",
        "column 32 ",
        "Expression 'site' is not being grouped",
    ),
    ("SELECT COUNT(*) AS n FROM dsp_clicks HAVING site = 'a'", "", "Expression 'site' is not being grouped"),
    ("SELECT COUNT(*) AS n FROM dsp_clicks WHERE SUM(clicks) > 1", "column 44 ", "illegal in WHERE clause"),
    ("SELECT COUNT(*) AS n FROM dsp_clicks GROUP BY SUM(clicks)", "", "illegal in GROUP BY clause"),
    ("SELECT COUNT(*) AS n, 1 AS one FROM dsp_clicks GROUP BY 1", "", "illegal in GROUP BY clause"),
    (
        "SELECT site, COUNT(*) AS n FROM dsp_clicks GROUP BY 3",
        "At line 1, column 53: ",
        "Ordinal out of range",
    ),
    ("SELECT SUM(COUNT(*)) AS n FROM dsp_clicks", "column 8 ", "Aggregate expressions cannot be nested"),
    (
        "SELECT COUNT(*) AS n FROM dsp_clicks a JOIN dsp_clicks b ON SUM(a.clicks) = b.clicks",
        "",
        "illegal in ON clause",
    ),
    (
        "SELECT COUNT(*) AS n FROM dsp_clicks WHERE ROW_NUMBER() OVER (ORDER BY site) = 1",
        "",
        "Windowed aggregate expression is illegal in WHERE clause",
    ),
    (
        "SELECT site, RANK() OVER (ORDER BY COUNT(*)) AS place FROM dsp_clicks GROUP BY 1 HAVING place = 1",
        "",
        "'place' is illegal in HAVING clause",
    ),
    (
        "SELECT site, COLLECT(clicks + 1) AS c FROM dsp_clicks GROUP BY 1",
        "",
        "Only a column may stand inside COLLECT",
    ),
    # guarded columns
    ("SELECT HASH64(user_id) AS u, COUNT(*) AS n FROM dsp_clicks GROUP BY 1", "", "threshold VERY_HIGH"),
    ("SELECT COLLECT(user_id) AS u FROM dsp_clicks", "", "threshold VERY_HIGH"),
    (
        (
            "SELECT campaign, FIRST_VALUE(user_id) OVER (ORDER BY COUNT(*)) AS u FROM dsp_clicks"
            " GROUP BY 1, user_id"
        ),
        "",
        "threshold VERY_HIGH",
    ),
    ("SELECT COUNT(*) AS n FROM dsp_clicks WHERE (user_id) = 'x'", "column 45 ", "cannot be compared"),
    ("SELECT COUNT(*) AS n FROM dsp_clicks WHERE 'x' < user_id", "column 50 ", "cannot be compared"),
    ("SELECT COUNT(*) AS n FROM dsp_clicks WHERE user_id BETWEEN 'a' AND 'b'", "", "cannot be compared"),
    ("SELECT COUNT(*) AS n FROM dsp_clicks WHERE CONTAINED_IN(user_id, 'a')", "", "cannot be compared"),
    ("SELECT COUNT(*) AS n FROM dsp_clicks WHERE city_name SIMILAR TO 'A.*'", "", "cannot be compared"),
    (
        "SELECT NULLIF(city_name, 'Ulm') AS c, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
        "",
        "cannot be compared",
    ),
    (
        "SELECT CASE city_name WHEN 'Ulm' THEN 1 ELSE 0 END AS c, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
        "",
        "cannot be compared",
    ),
    (
        (
            "WITH v(id) AS (VALUES ('a'), ('b')) SELECT COUNT(*) AS n FROM dsp_clicks"
            " WHERE user_id IN (SELECT id FROM v)"
        ),
        "",
        "cannot be compared",
    ),
    (
        (
            "WITH v(id) AS (VALUES ('a'), ('b')) SELECT COUNT(*) AS n FROM dsp_clicks c"
            " JOIN v ON c.user_id = v.id"
        ),
        "",
        "'user_id' has aggregation threshold VERY_HIGH and cannot be compared",
    ),
    (
        "WITH v(user_id) AS (VALUES ('a')) SELECT COUNT(*) AS n FROM dsp_clicks JOIN v USING (user_id)",
        "",
        "cannot be compared",
    ),
    (
        (
            "WITH u AS (SELECT CONCAT(user_id, 'x') AS k, COUNT(*) AS n FROM dsp_clicks GROUP BY 1)"
            " SELECT SUM(n) AS n FROM u WHERE k = 'ax'"
        ),
        "",
        "'k' has aggregation threshold VERY_HIGH and cannot be compared",
    ),
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


def test_a_parameter_is_a_literal_too(query):
    with pytest.raises(SqlProblem, match="'user_id' has aggregation threshold VERY_HIGH"):
        query(
            "SELECT COUNT(*) AS n FROM dsp_clicks WHERE ARRAY_CONTAINS(CUSTOM_PARAMETER('p'), user_id)",
            declared=[{"name": "p", "dataType": {"type": "ARRAY", "elementDataType": "STRING"}}],
            parameter_values={"p": ["a"]},
        )


def test_brackets_without_end_are_refused_in_words(query):
    with pytest.raises(SqlProblem, match="nested too deeply"):
        query(f"SELECT {'(' * 3000}1{')' * 3000} AS one, COUNT(*) AS n FROM dsp_clicks")


def test_users_may_be_joined_compared_with_each_other_and_tested_for_null(query):
    (row,) = query(
        "SELECT COUNT(*) AS n FROM dsp_clicks c JOIN dsp_impressions i ON c.user_id = i.user_id"
        " WHERE c.user_id IS NOT NULL AND c.user_id IN (SELECT user_id FROM dsp_impressions)"
        " AND IF(c.user_id IS NULL, 0, 1) = 1"
    )
    assert int(row["n"]) > 0

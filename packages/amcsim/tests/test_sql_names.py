"""Every name of the AMC SQL reference has a test, and every rule that the other files leave out has one here:
clocks that are put forward and back, types of CAST, texts that are no JSON, keys of another type.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from amcsim.sql.problem import SqlProblem

DOCUMENTED = re.findall(
    r"\w+",
    """
CONCAT LENGTH LOWER UPPER TRIM LTRIM RTRIM LEFT RIGHT REPLACE SUBSTRING POSITION STRPOS INSTR CHARINDEX LOCATE
FORMAT LIKE STR_TO_MAP SIMILAR REGEXP_REPLACE REGEXP_SUBSTR REGEXP_SPLIT
DATE_TRUNC EXTRACT HOUR MINUTE SECOND DAY MONTH YEAR QUARTER DAYOFWEEK DAYOFMONTH DAYOFYEAR WEEK
SECONDS_BETWEEN CONVERT_TIME_ZONE_FROM_UTC EPOCH_TO_UTC_TIMESTAMP CURRENT_DATE CURRENT_TIMESTAMP
CASE COALESCE IF IFNULL NVL NVL2 NULLIF IN CONTAINED_IN GREATEST LEAST
COLLECT ARRAY_SORT ARRAY_CONTAINS ARRAY_TO_STRING ARRAY_CAT ARRAY_UNION ARRAY_INTERSECT ARRAY_COMPLEMENT
ARRAY_DISTINCT ARRAY_REMOVE CARDINALITY EXPLODE FLATTEN NAMED_ROW
ROW_NUMBER RANK DENSE_RANK LAG LEAD FIRST_VALUE LAST_VALUE
MEDIAN PERCENTILE APPROX_PERCENTILE STDDEV STDDEV_POP STDDEV_SAMP VARIANCE VAR_POP VAR_SAMP SKEWNESS
AVG SUM MIN MAX COUNT APPROX_COUNT_DISTINCT
CAST UUID RANDOM HASH64 MD5 SHA1 TO_VARBINARY FROM_VARBINARY JSON_EXTRACT JSON_SERIALIZE
ROUND CEIL FLOOR TRUNC LN LOG LOG10 POWER SQRT EXP E ABS SIGN MOD
CUSTOM_PARAMETER BUILT_IN_PARAMETER EXTEND_TIME_WINDOW
""",
)
TESTED = "".join(
    Path(__file__).with_name(f"test_sql_{name}.py").read_text(encoding="utf-8")
    for name in ("semantics", "constructs", "workflows")
)
VALUES = [
    # a search begins at the first place or finds nothing
    ("LOCATE('a', 'banana', 3)", "4"),
    ("LOCATE('a', 'banana', 0)", "0"),
    ("CHARINDEX('a', 'banana', -1)", "0"),
    ("LOCATE('a', 'banana', 99)", "0"),
    ("LOCATE('banana', 'a')", "0"),
    ("INSTR('banana', 'a')", "2"),
    # Java's %s takes anything
    ("FORMAT('%s of %s: %d%%', 1.5, 'a', 7)", "1.5 of a: 7%"),
    ("FORMAT('%05d', 42)", "00042"),
    # what is no JSON has nothing at any path
    ("JSON_EXTRACT('no JSON', '$.a')", ""),
    ("JSON_EXTRACT('{\"a\": [1, 2]}', '$.a[1]')", "2"),
    ("JSON_EXTRACT('{\"a\": 1}', '$.b')", ""),
    ("JSON_SERIALIZE(NAMED_ROW('a', 1, 'b', 'x'))", '{"a":1,"b":"x"}'),
    # every type of the reference
    ("CAST('true' AS BOOLEAN)", "true"),
    ("CAST('7' AS TINYINT)", "7"),
    ("CAST('-300' AS SMALLINT)", "-300"),
    ("CAST('70000' AS INTEGER)", "70000"),
    ("CAST('5000000000' AS BIGINT)", "5000000000"),
    ("CAST('1.25' AS DECIMAL(5, 1))", "1.3"),
    ("CAST('1.5' AS FLOAT)", "1.5"),
    ("CAST('1.5' AS REAL)", "1.5"),
    ("CAST('0.1' AS DOUBLE) + CAST('0.2' AS DOUBLE)", "0.30000000000000004"),
    ("CAST('2026-01-02' AS DATE)", "2026-01-02"),
    ("CAST('2026-01-02 03:04:05.678' AS TIMESTAMP)", "2026-01-02T03:04:05.678Z"),
    ("CAST(12 AS CHAR)", "12"),
    ("FROM_VARBINARY(CAST('abc' AS BINARY))", "abc"),
    ("CAST(ARRAY['1', '2'] AS ARRAY<BIGINT>)", "[1, 2]"),
    ("CAST(NAMED_ROW('a', '1') AS STRUCT<a BIGINT>)", "[1]"),
    # seconds, milliseconds, before 1970
    ("EPOCH_TO_UTC_TIMESTAMP(1767225600123)", "2026-01-01T00:00:00.123Z"),
    ("EPOCH_TO_UTC_TIMESTAMP(-1)", "1969-12-31T23:59:59.000Z"),
    # NULL in, NULL out
    ("CARDINALITY(NULL)", ""),
    ("ARRAY_CONTAINS(ARRAY[1, 2], NULL)", ""),
    ("ARRAY_UNION(NULL, ARRAY[1])", ""),
    ("ARRAY_INTERSECT(ARRAY[1], NULL)", ""),
    ("ARRAY_COMPLEMENT(ARRAY[1], NULL)", ""),
    ("ARRAY_REMOVE(ARRAY[1], NULL)", ""),
    ("FLATTEN(ARRAY[ARRAY[1, NULL], ARRAY[2]])", "[1, null, 2]"),
    ("GREATEST('a', 'b', NULL)", ""),
    ("GREATEST(1, 2.5)", "2.5"),
    # weeks are ISO's: the first days of a year may belong to the last week of the one before
    ("WEEK(CAST('2027-01-01' AS DATE))", "53"),
    ("EXTRACT(WEEK FROM CAST('2024-12-30' AS DATE))", "1"),
]
ZONES = ("America/New_York", "Europe/Berlin", "Europe/London", "Asia/Tokyo", "Australia/Sydney")


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_documented_name_has_a_test(name):
    own = "".join(expression for expression, _ in VALUES) + "FIRST_VALUE( LAST_VALUE( APPROX_COUNT_DISTINCT("
    assert re.search(rf"\b{name}\b", TESTED + own), name


@pytest.mark.parametrize(("expression", "expected"), VALUES, ids=[row[0] for row in VALUES])
def test_an_expression_has_amcs_value(query, expression, expected):
    (row,) = query(f"SELECT {expression} AS v, COUNT(*) AS n FROM dsp_impressions GROUP BY 1")
    assert row["v"] == expected


@pytest.mark.parametrize("zone", ZONES)
def test_local_time_follows_clocks_that_are_put_forward_and_back(query, zone):
    changes = [datetime(2026, month, 1, tzinfo=UTC) for month in (3, 4, 10, 11)]
    moments = [
        first + timedelta(days=day, hours=hour)
        for first in changes
        for day in range(32)
        for hour in (0, 1, 7)
    ]
    listed = ", ".join(f"('{moment:%Y-%m-%d %H:%M:%S}')" for moment in moments)
    rows = query(
        f"WITH v(t) AS (VALUES {listed})"
        f" SELECT t, CONVERT_TIME_ZONE_FROM_UTC(CAST(t AS TIMESTAMP), '{zone}') AS l FROM v"
    )
    expected = {
        f"{moment:%Y-%m-%d %H:%M:%S}": f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M:%S}.000Z"
        for moment in moments
    }
    assert {row["t"]: row["l"] for row in rows} == expected


def test_days_of_the_week_count_from_sunday_by_every_name(query):
    days = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(14)]
    listed = ", ".join(f"('{day:%Y-%m-%d}')" for day in days)
    rows = query(
        f"WITH v(d) AS (VALUES {listed}) SELECT d, EXTRACT(DOW FROM CAST(d AS DATE)) AS a,"
        " DAYOFWEEK(CAST(d AS DATE)) AS b, EXTRACT(DAYOFWEEK FROM CAST(d AS TIMESTAMP)) AS c FROM v"
    )
    for row in rows:
        day = datetime.fromisoformat(row["d"]).isoweekday() % 7 + 1
        assert (row["a"], row["b"], row["c"]) == (str(day),) * 3


def test_first_and_last_values_are_those_of_the_frame(query):
    rows = query(
        "WITH v(g, n) AS (VALUES ('a', 3), ('a', 1), ('b', 2)) SELECT g, n,"
        " FIRST_VALUE(n) OVER (PARTITION BY g ORDER BY n) AS first,"
        " LAST_VALUE(n) OVER (PARTITION BY g ORDER BY n) AS last,"
        " LEAD(n) OVER (PARTITION BY g ORDER BY n) AS next,"
        " LAG(n) OVER (PARTITION BY g ORDER BY n) AS before FROM v"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("a", "1", "1", "1", "3", ""),
        ("a", "3", "1", "3", "", "1"),
        ("b", "2", "2", "2", "", ""),
    ]


def test_about_how_many_there_are_is_close(query, events):
    people = {user for (user,) in events("user_id", "dsp_impressions")} - {None}
    (row,) = query("SELECT APPROX_COUNT_DISTINCT(user_id) AS n FROM dsp_impressions")
    assert abs(int(row["n"]) - len(people)) < 0.15 * len(people)


def test_keys_of_another_type_are_compared_as_text(query, events):
    ids = [number for (number,) in events("campaign_id", "dsp_impressions")]
    common = Counter(ids).most_common(2)
    listed = ", ".join(f"({number})" for number, _ in common)
    template = (
        f"WITH v(id) AS (VALUES {listed}) SELECT COUNT(*) AS n FROM dsp_impressions"
        " WHERE {} {} (SELECT id FROM v)"
    )
    found = sum(times for _, times in common)
    for column in ("campaign_id", "campaign_id_string"):
        assert query(template.format(column, "IN")) == [{"n": str(found)}]
        assert query(template.format(column, "NOT IN")) == [{"n": str(len(ids) - found)}]
    assert query(template.format("campaign", "IN")) == []


def test_an_alias_may_be_used_by_later_values_and_keys(query, events):
    counts = Counter(campaign.upper() for (campaign,) in events("campaign", "dsp_clicks"))
    for keys in ("1, 2, 3", "c, big, twice"):
        rows = query(
            "SELECT campaign AS c, UPPER(c) AS big, CONCAT(big, c) AS twice, COUNT(*) AS n, n / 2 AS half"
            f" FROM dsp_clicks GROUP BY {keys}"
        )
        assert {row["big"]: int(row["n"]) for row in rows} == counts
        assert all(
            row["twice"] == row["big"] + row["c"] and float(row["half"]) == int(row["n"]) / 2 for row in rows
        )


def test_a_broken_expression_is_refused_before_it_runs(query):
    for expression in (
        "site SIMILAR TO '(?!x'",
        "REGEXP_SUBSTR(site, '(?=x')",
        "REGEXP_REPLACE(site, '(?=x', '')",
    ):
        with pytest.raises(SqlProblem, match="Invalid regular expression"):
            query(f"SELECT {expression} AS v, COUNT(*) AS n FROM dsp_clicks GROUP BY 1")


@pytest.mark.parametrize(
    ("sql", "place"),
    [
        (
            "SELECT\n\t\tcolour,\n\tCOUNT(*) AS n FROM dsp_clicks",
            "From line 2, column 3 to line 2, column 8: ",
        ),
        ("SELECT 'äöü', colour FROM dsp_clicks", "From line 1, column 15 to line 1, column 20: "),
        ("SELECT '日本😀' AS a, colour FROM dsp_clicks", "From line 1, column 20 to line 1, column 25: "),
        (
            "-- why\n/* two\nlines */ SELECT colour FROM dsp_clicks",
            "From line 3, column 17 to line 3, column 22: ",
        ),
        ("SELECT COUNT(*) AS n\r\nFROM nowhere", "From line 2, column 6 to line 2, column 12: "),
        ("SELECT COUNT(*) AS n FROM dsp_clicks\n\n\tLIMIT 5", "At line 3, column 8: "),
    ],
)
def test_places_are_those_of_the_text_whatever_stands_before(query, sql, place):
    with pytest.raises(SqlProblem) as refusal:
        query(sql)
    assert str(refusal.value).startswith(place)

"""What AMC's functions mean, one expression at a time, next to a value worked out by hand."""

import pytest

from amcsim.executions.window import WindowType

VALUES = [
    ("1 / 4", "0.25"),
    ("7 / 0", ""),
    ("GREATEST(1, NULL, 3)", ""),
    ("LEAST(2, 5)", "2"),
    ("IF(1 > 2, 'a', 'b')", "b"),
    ("NVL(NULL, 'x')", "x"),
    ("NVL2(NULL, 'x', 'y')", "y"),
    ("COALESCE(NULL, NULL, 3)", "3"),
    ("EXTRACT(DOW FROM CAST('2026-11-01' AS DATE))", "1"),
    ("DAYOFWEEK(CAST('2026-11-07' AS DATE))", "7"),
    ("DAYOFMONTH(CAST('2026-11-07' AS DATE))", "7"),
    ("HOUR(CAST('2026-11-07 15:30:00' AS TIMESTAMP))", "15"),
    ("CAST('today' AS DATE)", "2026-11-02"),
    ("CURRENT_DATE", "2026-11-02"),
    (
        "SECONDS_BETWEEN(CAST('2026-11-01 00:00:00' AS TIMESTAMP), CAST('2026-11-01 01:00:05' AS TIMESTAMP))",
        "3605",
    ),
    (
        "SECONDS_BETWEEN(CAST('2026-11-01 00:00:05' AS TIMESTAMP), CAST('2026-11-01 00:00:00' AS TIMESTAMP))",
        "-5",
    ),
    (
        "CONVERT_TIME_ZONE_FROM_UTC(CAST('2026-07-01 12:00:00' AS TIMESTAMP), 'America/New_York')",
        "2026-07-01T08:00:00.000Z",
    ),
    ("DATE_TRUNC('month', CAST('2026-07-15 12:00:00' AS TIMESTAMP))", "2026-07-01T00:00:00.000Z"),
    ("EPOCH_TO_UTC_TIMESTAMP(1767225600)", "2026-01-01T00:00:00.000Z"),
    ("EPOCH_TO_UTC_TIMESTAMP(1767225600000)", "2026-01-01T00:00:00.000Z"),
    ("CHARINDEX('b', 'abcb')", "2"),
    ("LOCATE('b', 'abcb', 3)", "4"),
    ("LOCATE('z', 'abcb', 3)", "0"),
    ("INSTR('abcb', 'c')", "3"),
    ("POSITION('c' IN 'abc')", "3"),
    ("CONCAT('a', 'b', 'c')", "abc"),
    ("SUBSTRING('abcdef', 2, 3)", "bcd"),
    ("LEFT('abc', 2)", "ab"),
    ("TRIM('  a ')", "a"),
    ("'Prime Video' SIMILAR TO '(?i)prime.*'", "true"),
    ("'abc' SIMILAR TO 'x'", "false"),
    ("REGEXP_REPLACE('a1b2', '[0-9]', '-')", "a-b-"),
    ("CONTAINED_IN('b', 'a', 'b')", "true"),
    ("ARRAY_CONTAINS(ARRAY_SORT(ARRAY_DISTINCT(ARRAY[3, 1, 3])), 1)", "true"),
    ("ARRAY_SORT(ARRAY_UNION(ARRAY[3, 1], ARRAY[2, 1]))", "[1, 2, 3]"),
    ("CARDINALITY(ARRAY[3, 1, 3])", "3"),
    ("NAMED_ROW('k', 1, 'v', 'dsp')", "[1, dsp]"),
    ("ARRAY[NAMED_ROW('k', 1, 'v', 'dsp'), NAMED_ROW('k', 2, 'v', NULL)]", "[[1, dsp], [2, null]]"),
    ("CASE WHEN 1 = 1 THEN 'yes' END", "yes"),
    ("CAST(3.7 AS INTEGER)", "4"),
    ("CAST(1 AS BOOLEAN)", "true"),
    ("ROUND(SQRT(POWER(3, 2) + POWER(4, 2)), 1)", "5.0"),
    ("E() > 2.7 AND E() < 2.8", "true"),
    ("LENGTH(MD5('a'))", "32"),
    ("'a\"b\\c'", 'a"b\\c'),
    ("'line\nbreak, comma'", "line\nbreak, comma"),
    ("''", ""),
    # a quotient has a fraction, a remainder the sign of what was divided
    ("180000 / 1000000", "0.18"),
    ("-7 / 2", "-3.5"),
    ("MOD(-7, 3)", "-1"),
    # NULL in, NULL out, however deep
    ("GREATEST(LEAST(4, 9), GREATEST(1, NULL))", ""),
    ("LEAST(GREATEST(4, 9), 5)", "5"),
    ("LEAST(LENGTH('abc'), NULL)", ""),
    ("GREATEST(CAST('2026-01-02' AS DATE), CAST('2026-02-01' AS DATE))", "2026-02-01"),
    ("IFNULL(NULL, 7)", "7"),
    ("NULLIF(3, 3)", ""),
    ("IF(NULL, 1, 2)", "2"),
    ("CONCAT('a', NULL, 'b')", "ab"),
    # text
    ("LENGTH('naïve')", "5"),
    ("UPPER(LOWER('aB'))", "AB"),
    ("LTRIM('  a ')", "a "),
    ("CONCAT('[', RTRIM(' a '), ']')", "[ a]"),
    ("TRIM(BOTH 'x' FROM 'xxaxx')", "a"),
    ("RIGHT('abcdef', 2)", "ef"),
    ("REPLACE('a-b-c', '-', '+')", "a+b+c"),
    ("SUBSTRING('abcdef' FROM 3)", "cdef"),
    ("SUBSTRING('abcdef' FROM 2 FOR 2)", "bc"),
    ("STRPOS('abcb', 'b')", "2"),
    ("CHARINDEX('b', 'abcb', 3)", "4"),
    ("LOCATE('b', NULL, 2)", ""),
    ("LOCATE('b', 'abcb', LOCATE('b', 'abcb') + 1)", "4"),
    ("FORMAT('%s costs %.2f', 'it', CAST(1.5 AS DOUBLE))", "it costs 1.50"),
    ("'10%' LIKE '10!%' ESCAPE '!'", "true"),
    ("STR_TO_MAP('a:1,b:2')['b']", "2"),
    ("STR_TO_MAP('a=1;b=2', ';', '=')['a']", "1"),
    ("STR_TO_MAP('u:http://x')['u']", "http://x"),
    # Java's regular expressions
    ("'a prime b' SIMILAR TO 'prime'", "true"),
    ("'Sponsored Brands' SIMILAR TO '(?i)brands?$'", "true"),
    ("'abc' NOT SIMILAR TO 'b'", "false"),
    ("'brand_test' SIMILAR TO '^brand_(?!test)'", "false"),
    ("'brand_live' SIMILAR TO '^brand_(?!test)'", "true"),
    ("'abab' SIMILAR TO '(ab)\\1'", "true"),
    ("REGEXP_REPLACE('2026-11', '([0-9]+)-([0-9]+)', '$2/$1')", "11/2026"),
    ("REGEXP_REPLACE('a1b2', '[0-9](?=b)', '#')", "a#b2"),
    ("REGEXP_SUBSTR('order 66, 77', '[0-9]+')", "66"),
    ("REGEXP_SUBSTR('order', '[0-9]+')", ""),
    ("REGEXP_SUBSTR('order', '[0-9]+') IS NULL", "true"),
    ("REGEXP_SUBSTR('cost 5 EUR', '[0-9]+(?= EUR)')", "5"),
    ("REGEXP_SPLIT('a, b;c', '[,;] ?')", "[a, b, c]"),
    # time
    ("EXTRACT(DAYOFWEEK FROM CAST('2026-11-07' AS DATE))", "7"),
    ("DAYOFWEEK(CAST('2026-11-01' AS DATE))", "1"),
    ("EXTRACT(WEEK FROM CAST('2026-01-01' AS DATE))", "1"),
    ("WEEK(CAST('2026-11-07' AS DATE))", "45"),
    ("EXTRACT(YEAR FROM CAST('2026-11-07' AS DATE))", "2026"),
    ("DAY(CAST('2026-11-07' AS DATE)) + MONTH(CAST('2026-11-07' AS DATE))", "18"),
    ("QUARTER(CAST('2026-11-07' AS DATE))", "4"),
    ("DAYOFYEAR(CAST('2026-02-01' AS DATE))", "32"),
    ("MINUTE(CAST('2026-11-07 15:30:59' AS TIMESTAMP))", "30"),
    ("SECOND(CAST('2026-11-07 15:30:59' AS TIMESTAMP))", "59"),
    ("YEAR(CAST('2026-11-07' AS DATE))", "2026"),
    ("CAST('now' AS TIMESTAMP)", "2026-11-02T12:00:00.000Z"),
    ("CURRENT_TIMESTAMP", "2026-11-02T12:00:00.000Z"),
    (
        (
            "SECONDS_BETWEEN(CAST('2026-01-01 00:00:00.900' AS TIMESTAMP),"
            " CAST('2026-01-01 00:00:01.100' AS TIMESTAMP))"
        ),
        "0",
    ),
    ("SECONDS_BETWEEN(CAST('2026-01-01' AS DATE), CAST('2026-01-02' AS DATE))", "86400"),
    (
        "CONVERT_TIME_ZONE_FROM_UTC(CAST('2026-01-01 12:00:00' AS TIMESTAMP), 'America/New_York')",
        "2026-01-01T07:00:00.000Z",
    ),
    ("EPOCH_TO_UTC_TIMESTAMP(0)", "1970-01-01T00:00:00.000Z"),
    # lists: NULL and the first order are kept
    ("ARRAY_DISTINCT(ARRAY[3, 1, NULL, 3, NULL])", "[3, 1, null]"),
    ("ARRAY_UNION(ARRAY[3, NULL], ARRAY[1, 3, NULL])", "[3, null, 1]"),
    ("ARRAY_INTERSECT(ARRAY[3, 1, 3, NULL], ARRAY[NULL, 3])", "[3, null]"),
    ("ARRAY_COMPLEMENT(ARRAY[3, 1, 2, 1], ARRAY[2])", "[3, 1]"),
    ("ARRAY_REMOVE(ARRAY[3, NULL, 1, 3], 3)", "[null, 1]"),
    ("ARRAY_CAT(ARRAY[1], ARRAY[1, 2])", "[1, 1, 2]"),
    ("ARRAY_CAT(NULL, ARRAY[1, 2])", ""),
    ("ARRAY_SORT(ARRAY['b', 'a', 'c'])", "[a, b, c]"),
    ("ARRAY_TO_STRING(ARRAY['a', 'b'], ' > ')", "a > b"),
    ("FLATTEN(ARRAY[ARRAY[1], ARRAY[2, 3]])", "[1, 2, 3]"),
    ("ARRAY[7, 8, 9][1]", "7"),
    ("ARRAY_CONTAINS(ARRAY['a'], 'b')", "false"),
    ("NAMED_ROW('Place', 1, 'what is it', NULL)", "[1, null]"),
    ("ARRAY_SORT(ARRAY[NAMED_ROW('n', 2, 'c', 'x'), NAMED_ROW('n', 1, 'c', 'y')])", "[[1, y], [2, x]]"),
    ("CONTAINED_IN('c', 'a', 'b')", "false"),
    # numbers
    ("LOG(E())", "1.0"),
    ("LOG10(1000)", "3.0"),
    ("LOG(2, 8)", "3.0"),
    ("LN(1)", "0.0"),
    ("EXP(0)", "1.0"),
    ("ABS(-3) + SIGN(-3)", "2"),
    ("CEIL(1.2) + CEILING(1.2) + FLOOR(1.8)", "5"),
    ("TRUNC(-1.7)", "-1"),
    ("ROUND(2.345, 2)", "2.35"),
    ("CAST('1.5' AS DECIMAL(10, 2))", "1.50"),
    ("CAST(123456789012345678 AS DECIMAL) / 1000000000000000", "123.45678901234568"),
    ("CAST(12 AS STRING)", "12"),
    ("CAST('x' AS SYMBOL)", "x"),
    ("CAST('1' AS TINYINT) + CAST('2' AS SMALLINT)", "3"),
    ("RANDOM() >= 0 AND RANDOM() < 1", "true"),
    # hashes, bytes, JSON
    ("MD5('a')", "0cc175b9c0f1b6a831c399e269772661"),
    ("SHA1('a')", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
    ("HASH64('a') = HASH64('a') AND HASH64('a') <> HASH64('b')", "true"),
    ("LENGTH(UUID())", "36"),
    ("FROM_VARBINARY(TO_VARBINARY('é'))", "é"),
    ("FROM_VARBINARY(TO_VARBINARY('hi'), 'hex')", "6869"),
    ("FROM_VARBINARY(TO_VARBINARY('6869', 'hex'), 'base64')", "aGk="),
    ("JSON_EXTRACT('{\"a\": {\"b\": 5}}', '$.a.b')", "5"),
    ("JSON_SERIALIZE(ARRAY[1, 2])", "[1,2]"),
    # three-valued logic
    ("NULL IS DISTINCT FROM 1", "true"),
    ("NOT (1 = 2) AND 1 BETWEEN 0 AND 2", "true"),
    ("CASE 'b' WHEN 'a' THEN 1 WHEN 'b' THEN 2 ELSE 3 END", "2"),
]


@pytest.mark.parametrize(("expression", "expected"), VALUES, ids=[row[0] for row in VALUES])
def test_an_expression_has_amcs_value(query, expression, expected):
    (row,) = query(f"SELECT {expression} AS v, COUNT(*) AS n FROM dsp_impressions GROUP BY 1")
    assert row["v"] == expected


def test_group_by_takes_positions_and_aliases(query):
    by_name = query("SELECT campaign AS c, COUNT(*) AS n FROM dsp_impressions GROUP BY campaign")
    by_position = query("SELECT campaign AS c, COUNT(*) AS n FROM dsp_impressions GROUP BY 1")
    by_alias = query("SELECT campaign AS c, COUNT(*) AS n FROM dsp_impressions GROUP BY c")
    assert by_name == by_position == by_alias
    assert len(by_name) > 2


def test_collect_keeps_nulls(query):
    (row,) = query(
        "WITH c AS (SELECT match_type, user_id FROM sponsored_ads_traffic UNION ALL"
        " SELECT CAST(NULL AS STRING), user_id FROM sponsored_ads_traffic)"
        " SELECT CARDINALITY(COLLECT(DISTINCT match_type)) AS n, COUNT(DISTINCT match_type) AS without FROM c"
    )
    assert int(row["n"]) == int(row["without"]) + 1


def test_a_window_function_ranks_rows_of_a_cte(query):
    rows = query(
        "WITH c AS (SELECT campaign, COUNT(*) AS n FROM dsp_impressions GROUP BY 1)"
        " SELECT campaign, n, ROW_NUMBER() OVER (ORDER BY n DESC) AS place FROM c"
    )
    ordered = sorted(rows, key=lambda row: int(row["place"]))
    counts = [int(row["n"]) for row in ordered]
    assert counts == sorted(counts, reverse=True)
    assert [int(row["place"]) for row in ordered] == list(range(1, len(rows) + 1))


def test_values_join_to_events(query, events):
    campaigns = sorted({name for (name,) in events("campaign", "dsp_impressions")})[:2]
    pairs = ", ".join(f"('{name}', 'group {place}')" for place, name in enumerate(campaigns))
    rows = query(
        f"WITH g(name, label) AS (VALUES {pairs})"
        " SELECT g.label, COUNT(*) AS n FROM dsp_impressions i JOIN g ON i.campaign = g.name GROUP BY 1"
    )
    read = [name for (name,) in events("campaign", "dsp_impressions")]
    assert {row["label"]: int(row["n"]) for row in rows} == {
        f"group {place}": read.count(name) for place, name in enumerate(campaigns)
    }


def test_parameters_of_every_kind_reach_the_query(query, events):
    campaigns = sorted(set(events("campaign, campaign_id", "dsp_impressions")))[:2]
    (row,) = query(
        "SELECT COUNT(DISTINCT campaign) AS n, CUSTOM_PARAMETER('flag') AS flag,"
        " CUSTOM_PARAMETER('day') AS day FROM dsp_impressions"
        " WHERE ARRAY_CONTAINS(CUSTOM_PARAMETER('ids'), campaign_id)",
        declared=[
            {
                "name": "ids",
                "dataType": {"type": "ARRAY", "elementDataType": "LONG", "elementNullable": False},
            },
            {"name": "flag", "dataType": "BOOLEAN"},
            {"name": "day", "dataType": "DATE", "defaultValue": "2026-10-01"},
        ],
        parameter_values={"ids": [campaign_id for _, campaign_id in campaigns], "flag": True},
    )
    assert row == {"n": "2", "flag": "true", "day": "2026-10-01"}


def test_a_parameter_cannot_smuggle_sql(query):
    (row,) = query(
        "SELECT CUSTOM_PARAMETER('p') AS p, COUNT(*) AS n FROM dsp_clicks",
        declared=[{"name": "p", "dataType": "STRING"}],
        parameter_values={"p": "x' AS p, (SELECT 1) AS q --"},
    )
    assert row["p"] == "x' AS p, (SELECT 1) AS q --"


def test_each_table_is_filtered_on_its_own_moment(query, events):
    window = {
        "window_type": WindowType.EXPLICIT,
        "start": "2026-10-01T00:00:00",
        "end": "2026-11-01T00:00:00",
    }
    for table, moment in (
        ("dsp_impressions", "impression_dt_utc"),
        ("dsp_clicks", "click_dt_utc"),
        ("sponsored_ads_traffic", "event_dt_utc"),
        ("conversions", "event_dt_utc"),
        ("amazon_attributed_events_by_traffic_time", "traffic_event_dt_utc"),
        ("amazon_attributed_events_by_conversion_time", "conversion_event_dt_utc"),
    ):
        (row,) = query(f"SELECT COUNT(*) AS n FROM {table}", **window)
        inside = [m for (m,) in events(moment, table) if "2026-10-01" <= m.isoformat() < "2026-11-01"]
        assert int(row["n"]) == len(inside) > 0, table


def test_the_window_reaches_into_ctes_and_nested_queries(query, events):
    window = {
        "window_type": WindowType.EXPLICIT,
        "start": "2026-10-01T00:00:00",
        "end": "2026-11-01T00:00:00",
    }
    (row,) = query(
        "WITH c AS (SELECT user_id FROM dsp_clicks) SELECT COUNT(*) AS n FROM dsp_impressions"
        " WHERE user_id IN (SELECT user_id FROM c) AND campaign IN (SELECT campaign FROM dsp_impressions)",
        **window,
    )
    inside = "'2026-10-01' <= m AND m < '2026-11-01'"
    clickers = {
        user for user, hit in events(f"user_id, {inside.replace('m', 'click_dt_utc')}", "dsp_clicks") if hit
    }
    shown = events(f"user_id, {inside.replace('m', 'impression_dt_utc')}", "dsp_impressions")
    assert int(row["n"]) == sum(1 for user, hit in shown if hit and user in clickers) > 0


def test_extend_time_window_widens_one_table_only(query, events):
    window = {
        "window_type": WindowType.EXPLICIT,
        "start": "2026-10-05T00:00:00",
        "end": "2026-10-06T00:00:00",
    }
    (row,) = query(
        "SELECT COUNT(*) AS n FROM TABLE(EXTEND_TIME_WINDOW('dsp_impressions', 'P7D', 'P1DT12H'))", **window
    )
    moments = [m.isoformat() for (m,) in events("impression_dt_utc", "dsp_impressions")]
    assert int(row["n"]) == sum("2026-09-28" <= m < "2026-10-07T12:00:00" for m in moments)


def test_built_in_parameters_are_the_edges_of_the_window(query):
    (row,) = query(
        "SELECT BUILT_IN_PARAMETER('TIME_WINDOW_START') AS a, BUILT_IN_PARAMETER('TIME_WINDOW_END') AS b,"
        " COUNT(*) AS n FROM dsp_impressions",
        window_type=WindowType.EXPLICIT,
        start="2026-10-05T00:00:00",
        end="2026-10-06T00:00:00",
        timezone="America/New_York",
    )
    assert (row["a"], row["b"]) == ("2026-10-05T04:00:00.000Z", "2026-10-06T04:00:00.000Z")


def test_no_window_means_the_last_whole_day(query, events):
    (row,) = query("SELECT COUNT(*) AS n FROM dsp_impressions", window_type=WindowType.MOST_RECENT_DAY)
    moments = [m.isoformat() for (m,) in events("impression_dt_utc", "dsp_impressions")]
    assert int(row["n"]) == sum(m.startswith("2026-11-01") for m in moments) > 0


def test_an_outer_order_by_is_kept(query):
    rows = query("SELECT campaign, COUNT(*) AS n FROM dsp_impressions GROUP BY 1 ORDER BY n DESC")
    counts = [int(row["n"]) for row in rows]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) > 2


def test_the_same_query_gives_the_same_bytes(query):
    sql = "SELECT device_type, site, SUM(total_cost) AS cost FROM dsp_impressions GROUP BY 1, 2"
    assert query(sql) == query(sql)

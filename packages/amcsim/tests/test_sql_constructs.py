"""What AMC's grammar allows, next to the same answer worked out in Python, and what options change."""

import re
import statistics
from collections import Counter, defaultdict
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from amcsim.catalogue import available
from amcsim.executions.window import WindowType
from amcsim.sql.binding import bound_types
from amcsim.sql.compile import compile_query
from amcsim.sql.holes import Bindings, Shift
from amcsim.sql.options import SqlOptions
from amcsim.sql.overlap import OverlapBudget
from amcsim.sql.patterns import install_patterns
from amcsim.sql.problem import SqlProblem
from amcsim.world.build import build_schema

OCTOBER = {"window_type": WindowType.EXPLICIT, "start": "2026-10-01T00:00:00", "end": "2026-11-01T00:00:00"}
MOMENT = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def schema():
    connection = build_schema()
    connection.execute("SET schema = 'amc'")
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def value(schema):
    """Return what one expression is under the options given."""

    def value(expression, **options):
        bound = Bindings(values={}, window=(MOMENT, MOMENT), now=MOMENT)
        sql = f"SELECT {expression} AS v"
        prepared = compile_query(sql, available(()), types={}, options=SqlOptions(**options))
        install_patterns(schema, prepared.bind(bound).sql)
        return schema.execute(prepared.bind(bound).sql).fetchall()[0][0]

    return value


def compiled(sql, **options):
    return compile_query(sql, available(()), types={}, options=SqlOptions(**options))


def test_collect_keeps_nulls_and_array_sort_puts_them_last(query):
    (row,) = query(
        "WITH v(n) AS (VALUES (2), (NULL), (1), (NULL)) SELECT ARRAY_SORT(COLLECT(n)) AS all_of_them,"
        " CARDINALITY(COLLECT(DISTINCT n)) AS kinds, COUNT(n) AS counted FROM v"
    )
    assert row == {"all_of_them": "[1, 2, null, null]", "kinds": "3", "counted": "2"}


def test_named_rows_are_read_by_their_names(query):
    rows = query(
        "WITH v(a, b) AS (VALUES (1, 'x'), (2, 'y')),"
        " r AS (SELECT NAMED_ROW('n', a, 'label', b) AS pair FROM v)"
        " SELECT r.pair.label AS label, SUM(r.pair.n) AS n FROM r GROUP BY r.pair.label"
    )
    assert rows == [{"label": "x", "n": "1"}, {"label": "y", "n": "2"}]


def test_explode_gives_a_row_per_item(query):
    rows = query(
        "WITH v(name, items) AS (VALUES ('a', ARRAY[1, 2]), ('b', ARRAY[2])),"
        " e AS (SELECT name, EXPLODE(items) AS item FROM v)"
        " SELECT item, COUNT(*) AS n FROM e GROUP BY item"
    )
    assert rows == [{"item": "1", "n": "1"}, {"item": "2", "n": "2"}]


def test_exploded_events_keep_their_users(query, events):
    people = defaultdict(set)
    for user, ids in events("user_id, [line_item_id, campaign_id]", "dsp_impressions"):
        for item in ids:
            people[item].add(user)
    rows = query(
        "WITH e AS (SELECT user_id, EXPLODE(ARRAY[line_item_id, campaign_id]) AS item FROM dsp_impressions)"
        " SELECT item, COUNT(DISTINCT user_id) AS users FROM e GROUP BY 1"
    )
    assert {int(row["item"]): int(row["users"]) for row in rows} == {
        item: len(users - {None}) for item, users in people.items() if len(users - {None}) >= 2
    }


def test_the_window_clause_names_a_window(query):
    rows = query(
        "WITH v(g, n) AS (VALUES ('a', 3), ('a', 1), ('b', 2))"
        " SELECT g, n, ROW_NUMBER() OVER w AS place, SUM(n) OVER w AS running FROM v"
        " WINDOW w AS (PARTITION BY g ORDER BY n)"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("a", "1", "1", "1"),
        ("a", "3", "2", "4"),
        ("b", "2", "1", "2"),
    ]


def test_ranks_and_sums_over_a_partition_rank_folded_rows(query, events):
    counts = Counter(events("advertiser, campaign", "dsp_impressions"))
    totals = Counter()
    for (advertiser, _), n in counts.items():
        totals[advertiser] += n
    rows = query(
        "SELECT advertiser, campaign, COUNT(*) AS n,"
        " DENSE_RANK() OVER (PARTITION BY advertiser ORDER BY COUNT(*) DESC) AS place,"
        " SUM(COUNT(*)) OVER (PARTITION BY advertiser) AS total FROM dsp_impressions GROUP BY 1, 2"
    )
    assert len(rows) == len(counts)
    for row in rows:
        of_brand = sorted({n for (brand, _), n in counts.items() if brand == row["advertiser"]}, reverse=True)
        assert int(row["place"]) == 1 + of_brand.index(int(row["n"]))
        assert int(row["total"]) == totals[row["advertiser"]]


def test_a_count_over_a_partition_is_fine(query):
    rows = query(
        "WITH v(g) AS (VALUES ('a'), ('a'), ('b')) SELECT g, COUNT(*) OVER (PARTITION BY g) AS n FROM v"
    )
    assert [row["n"] for row in rows] == ["2", "2", "1"]


def test_statistics_are_those_of_the_textbook(query, events):
    spent = [spend for (spend,) in events("spend", "sponsored_ads_traffic")]
    (row,) = query(
        "SELECT MEDIAN(spend) AS med, PERCENTILE(spend, 0.25) AS low, STDDEV(spend) AS dev,"
        " STDDEV_POP(spend) AS dev_pop, STDDEV_SAMP(spend) AS dev_samp, VAR_POP(spend) AS var_pop,"
        " VAR_SAMP(spend) AS var_samp, VARIANCE(spend) AS var, AVG(spend) AS mean, MIN(spend) AS least,"
        " MAX(spend) AS most, SKEWNESS(spend) AS skew, APPROX_PERCENTILE(spend, 0.5) AS near"
        " FROM sponsored_ads_traffic"
    )
    found = {name: float(text) for name, text in row.items()}
    mean = statistics.fmean(spent)
    low = statistics.quantiles(spent, n=4, method="inclusive")[0]
    expected = {
        "med": statistics.median(spent), "low": low, "mean": mean, "least": min(spent), "most": max(spent),
        "dev": statistics.stdev(spent), "dev_samp": statistics.stdev(spent),
        "dev_pop": statistics.pstdev(spent),
        "var": statistics.variance(spent), "var_samp": statistics.variance(spent),
        "var_pop": statistics.pvariance(spent),
    }  # fmt: skip
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert found["skew"] > 0
    assert abs(found["near"] - found["med"]) <= 0.1 * max(found["med"], 1)


def test_union_drops_twins_and_union_all_keeps_them(query):
    template = (
        "WITH v(n) AS (VALUES (1), (2)), u AS (SELECT n FROM v UNION{} SELECT n FROM v)"
        " SELECT COUNT(*) AS n FROM u"
    )
    counted = {word: query(template.format(word))[0]["n"] for word in ("", " DISTINCT", " ALL")}
    assert counted == {"": "2", " DISTINCT": "2", " ALL": "4"}


def test_unions_of_unions_line_up_their_users(query, events):
    seen = defaultdict(set)
    for table in ("dsp_impressions", "dsp_clicks", "sponsored_ads_traffic"):
        for advertiser, user in events("advertiser, user_id", table):
            seen[advertiser].add(user)
    rows = query(
        "WITH a AS (SELECT advertiser, user_id, 1 AS i, 0 AS c FROM dsp_impressions"
        " UNION ALL SELECT advertiser, user_id, 0 AS i, SUM(clicks) AS c FROM dsp_clicks GROUP BY 1, 2"
        " UNION SELECT advertiser, user_id, SUM(impressions) AS i, SUM(clicks) AS c"
        " FROM sponsored_ads_traffic GROUP BY 1, 2)"
        " SELECT advertiser, COUNT(DISTINCT user_id) AS people, SUM(c) AS clicks FROM a GROUP BY 1"
    )
    assert {row["advertiser"]: int(row["people"]) for row in rows} == {
        advertiser: len(users - {None}) for advertiser, users in seen.items()
    }


def test_joins_of_every_kind_that_amc_has(query):
    template = (
        "WITH a(k, x) AS (VALUES (1, 10), (2, 20)), b(k, y) AS (VALUES (2, 200), (3, 300))"
        " SELECT COUNT(*) AS n, SUM(x) AS x, SUM(y) AS y FROM a {} JOIN b {}"
    )
    answers = {
        kind: tuple(query(template.format(kind, on))[0].values())
        for kind, on in (
            ("INNER", "ON a.k = b.k"),
            ("LEFT", "ON a.k = b.k"),
            ("FULL OUTER", "USING (k)"),
            ("CROSS", ""),
            ("", "ON a.k < b.k"),
        )
    }
    assert answers == {
        "INNER": ("1", "20", "200"),
        "LEFT": ("2", "30", "200"),
        "FULL OUTER": ("3", "30", "500"),
        "CROSS": ("4", "60", "1000"),
        "": ("3", "40", "800"),
    }
    (row,) = query("WITH a(k) AS (VALUES (1), (2)) SELECT COUNT(*) AS n FROM a, a AS b WHERE a.k > b.k")
    assert row["n"] == "1"


def test_what_is_grouped_may_be_an_expression_a_position_or_an_alias(query):
    template = (
        "WITH v(d, n) AS (VALUES (CAST('2026-01-03' AS DATE), 1), (CAST('2026-01-20' AS DATE), 2))"
        " SELECT DATE_TRUNC('month', d) AS m, SUM(n) AS n FROM v GROUP BY {}"
    )
    rows = [
        query(template.format(by))
        for by in ("1", "m", "DATE_TRUNC('month', d)", "(DATE_TRUNC('month', v.d))")
    ]
    assert [row["n"] for answer in rows for row in answer] == ["3"] * 4


def test_an_alias_in_group_by_comes_before_a_column_of_that_name(query):
    rows = query(
        "WITH v(d, n) AS (VALUES (CAST('2026-01-03' AS DATE), 1), (CAST('2026-01-20' AS DATE), 2))"
        " SELECT DATE_TRUNC('month', d) AS d, SUM(n) AS n FROM v GROUP BY d"
    )
    assert [row["n"] for row in rows] == ["3"]


def test_having_sees_folded_values(query):
    rows = query(
        "WITH v(g, n) AS (VALUES ('a', 3), ('a', 1), ('b', 2)) SELECT g, SUM(n) AS n FROM v GROUP BY g"
        " HAVING SUM(n) > 2 AND COUNT(*) = 2"
    )
    assert rows == [{"g": "a", "n": "4"}]


@pytest.mark.parametrize(
    ("back", "forth", "first", "last"),
    [
        ("P1M", "P0D", "2026-09-01", "2026-11-01"),
        ("P2W", "P1D", "2026-09-17", "2026-11-02"),
        ("P0D", "PT12H", "2026-10-01", "2026-11-01T12"),
        ("P1Y2M", "P0D", "2025-08-01", "2026-11-01"),
    ],
)
def test_a_widened_window_reaches_as_far_as_its_durations_say(query, events, back, forth, first, last):
    (row,) = query(
        f"SELECT COUNT(*) AS n FROM TABLE(EXTEND_TIME_WINDOW('dsp_impressions', '{back}', '{forth}')) AS i",
        **OCTOBER,
    )
    moments = [moment.isoformat() for (moment,) in events("impression_dt_utc", "dsp_impressions")]
    assert int(row["n"]) == sum(first <= moment < last for moment in moments) > 0


def test_a_month_back_from_a_long_months_end_ends_with_the_short_one():
    back = Shift(months=1)
    assert back.after(datetime(2026, 3, 31, 5, tzinfo=UTC), times=-1) == datetime(2026, 2, 28, 5, tzinfo=UTC)
    assert back.after(datetime(2026, 12, 31, tzinfo=UTC), times=2) == datetime(2027, 2, 28, tzinfo=UTC)


def test_the_windows_edges_can_be_asked_for(query):
    (row,) = query(
        "SELECT BUILT_IN_PARAMETER('TIME_WINDOW_START') AS first,"
        " BUILT_IN_PARAMETER('TIME_WINDOW_END') AS last, COUNT(*) AS n FROM dsp_impressions",
        **OCTOBER,
    )
    assert (row["first"], row["last"]) == ("2026-10-01T00:00:00.000Z", "2026-11-01T00:00:00.000Z")


def test_a_text_that_looks_like_a_hole_stays_a_text(query):
    (row,) = query(
        "SELECT '$hole0_' AS a, CUSTOM_PARAMETER('p') AS b, COUNT(*) AS n FROM dsp_clicks",
        declared=[{"name": "p", "dataType": "STRING"}],
        parameter_values={"p": "$hole0_ $hole_0_"},
    )
    assert (row["a"], row["b"]) == ("$hole0_", "$hole0_ $hole_0_")


@pytest.mark.parametrize(
    ("option", "expression", "values"),
    [
        ("similar_to", "'a prime b' SIMILAR TO 'prime'", {"partial": True, "full": False}),
        ("similar_to", "'brand x' SIMILAR TO 'brand(?! y)'", {"partial": True, "full": False}),
        ("concat_null", "CONCAT('a', NULL, 1)", {"skip": "a1", "propagate": None}),
        ("log_base", "LOG(100)", {"e": pytest.approx(4.605170), "10": 2.0}),
        ("no_match", "REGEXP_SUBSTR('a', 'b')", {"null": None, "empty": ""}),
        ("no_match", "REGEXP_SUBSTR('a', 'b(?=c)')", {"null": None, "empty": ""}),
    ],
)
def test_an_open_point_follows_its_option(value, option, expression, values):
    assert {choice: value(expression, **{option: choice}) for choice in values} == values


def test_the_type_of_a_quotient_follows_its_option(schema):
    bound = Bindings(values={}, window=(MOMENT, MOMENT), now=MOMENT)
    types = {
        division: bound_types(
            schema, compiled("SELECT 1 / 4 AS v", division=division).bind(bound).sql, text=""
        )["v"]
        for division in ("double", "decimal")
    }
    assert types == {"double": "DOUBLE", "decimal": "DECIMAL(38,17)"}


@pytest.mark.parametrize(
    ("option", "accepted", "sql"),
    [
        ("outer_order_by", "accept", "SELECT site, COUNT(*) AS n FROM dsp_clicks GROUP BY 1 ORDER BY n"),
        (
            "undocumented_windows",
            "accept",
            "SELECT site, LAG(COUNT(*)) OVER (ORDER BY site) AS p, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
        ),
        (
            "intervals",
            "accept",
            "SELECT COUNT(*) AS n FROM dsp_clicks WHERE click_dt < click_dt_utc + INTERVAL '1' DAY",
        ),
        (
            "qualify",
            "accept",
            "SELECT site, COUNT(*) AS n FROM dsp_clicks GROUP BY 1 QUALIFY RANK() OVER (ORDER BY site) = 1",
        ),
        (
            "varchar_casts",
            "accept",
            "SELECT CAST(campaign_id AS VARCHAR) AS c, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
        ),
        ("literal_comparisons", "direct", "SELECT COUNT(*) AS n FROM dsp_clicks WHERE LENGTH(user_id) > 5"),
        (
            "literal_comparisons",
            "documented",
            "SELECT COUNT(*) AS n FROM dsp_clicks WHERE SUBSTRING(postal_code, 1, 2) = '10'",
        ),
        ("literal_comparisons", "off", "SELECT COUNT(*) AS n FROM dsp_clicks WHERE user_id = 'x'"),
    ],
)
def test_what_is_not_settled_is_accepted_or_refused_as_told(option, accepted, sql):
    compiled(sql, **{option: accepted})
    with pytest.raises(SqlProblem):
        compiled(sql, **{option: "derived" if option == "literal_comparisons" else "refuse"})


def test_what_is_accepted_without_a_document_leaves_a_warning():
    sql = "SELECT site, LEAD(COUNT(*)) OVER (ORDER BY site) AS p FROM dsp_clicks GROUP BY 1 ORDER BY 1"
    assert compiled(sql).warnings == (
        "ORDER BY in the outermost query is documented as unsupported",
        "LEAD is not a documented window function",
    )


def test_an_unknown_choice_is_refused():
    with pytest.raises(ValueError, match="similar_to must be one of partial, full"):
        SqlOptions(similar_to="sometimes")
    with pytest.raises(ValueError, match="overlap_budget"):
        SqlOptions(overlap_budget=0)


async def test_result_files_write_booleans_and_moments_as_told(build_client):
    sql = (
        "SELECT COUNT(*) > 0 AS some, CAST('2026-01-02 03:04:05' AS TIMESTAMP) AS at, COUNT(*) AS n"
        " FROM dsp_impressions;"
    )
    plain = SqlOptions(boolean_case="upper", timestamp_zone="none", trailing_semicolon="strip")
    for options, some, at in (
        (SqlOptions(trailing_semicolon="strip"), "true", "2026-01-02T03:04:05.000Z"),
        (plain, "TRUE", "2026-01-02T03:04:05.000"),
    ):
        client = await build_client(sql=options)
        (row,) = await client.rows(sql, timeWindowType="ALL")
        assert (row["some"], row["at"]) == (some, at)


def test_the_overlap_budget_counts_per_workflow_tables_and_overlapping_windows():
    budget = OverlapBudget(2)
    clicks = frozenset({"dsp_clicks"})
    days = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 8)]

    def spend(first, last, workflow="w", tables=clicks):
        return budget.spend("instance", workflow, tables=tables, window=(days[first], days[last]))

    assert [spend(0, 3), spend(2, 5), spend(1, 4)] == [True, True, False]
    assert spend(5, 6)
    assert spend(1, 4, workflow="other")
    assert spend(1, 4, tables=frozenset({"dsp_impressions"}))
    assert all(
        OverlapBudget(None).spend("i", "w", tables=clicks, window=(days[0], days[1])) for _ in range(5)
    )


async def test_an_execution_beyond_the_budget_fails_in_amcs_words(build_client):
    client = await build_client(sql=SqlOptions(overlap_budget=1))
    workflow = {"workflowId": "again"}
    window = {"timeWindowType": "MOST_RECENT_WEEK"}
    first = await client.finish(await client.submit(workflow=workflow, **window))
    second = await client.finish(await client.submit(workflow=workflow, **window))
    assert (first["status"], second["status"]) == ("SUCCEEDED", "FAILED")
    assert re.fullmatch(
        r'Execution ".+" of workflow "again" could not be run because too many workflows have '
        r"already been run against the same input data sources in the same or overlapping time windows\.",
        second["statusReason"],
    )


def test_a_text_is_compiled_once_however_often_it_runs(simulation, query, monkeypatch):
    calls = []
    original = compile_query

    def counting(text, *arguments, **named):
        calls.append(text)
        return original(text, *arguments, **named)

    monkeypatch.setattr("amcsim.engine.compile_query", counting)
    sql = "SELECT COUNT(*) AS once, CUSTOM_PARAMETER('p') AS p FROM dsp_clicks"
    declared = [{"name": "p", "dataType": "LONG"}]
    answers = [
        query(sql, declared=declared, parameter_values={"p": value}, **window)
        for value, window in ((1, OCTOBER), (2, OCTOBER), (3, {}))
    ]
    assert [row["p"] for (row,) in answers] == ["1", "2", "3"]
    assert answers[0][0]["once"] != answers[2][0]["once"]
    assert calls == [sql]


@pytest.mark.parametrize(
    "condition",
    [
        SimpleNamespace(name="or", text=" OR ".join(f"campaign = 'c{n}'" for n in range(3000))),
        SimpleNamespace(name="sum", text="+".join(["clicks"] * 3000) + " > 1"),
        SimpleNamespace(name="in", text=f"campaign IN ({', '.join(map(repr, range(3000)))})"),
        SimpleNamespace(name="greatest", text="GREATEST(" * 30 + "clicks" + ", 1)" * 30 + " > 1"),
    ],
    ids=lambda condition: condition.name,
)
def test_long_expressions_stay_as_long_as_they_are(condition):
    sql = f"SELECT COUNT(*) AS n FROM dsp_clicks WHERE {condition.text}"
    prepared = compiled(sql)
    assert sum(map(len, prepared.template.parts)) < 4 * len(sql) + 1000


@pytest.mark.parametrize("word", ["UNION", "UNION ALL"])
def test_many_unions_compile(word):
    branch = "SELECT campaign, SUM(clicks) AS n FROM dsp_clicks GROUP BY 1"
    united = f" {word} ".join([branch] * 400)
    prepared = compiled(f"WITH u AS ({united}) SELECT campaign, SUM(n) AS n FROM u GROUP BY 1")
    assert sum(map(len, prepared.template.parts)) < 400 * 600

"""What becomes of thin rows: dropped, or stripped of values and added up (AMC's create-workflow guide)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from amcsim.catalogue import available
from amcsim.sql.binding import bound_types
from amcsim.sql.compile import compile_query
from amcsim.sql.holes import Bindings
from amcsim.sql.options import SqlOptions
from amcsim.sql.privacy import PrivacyRequest, visible
from amcsim.world.build import build_schema

TABLE = "amazon_attributed_events_by_traffic_time"
JANUARY, FEBRUARY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
BINDINGS = Bindings(values={}, window=(JANUARY, FEBRUARY), now=FEBRUARY)
DEVICES = (
    # impressions, clicks, device, postal code, users behind the impressions, users behind the clicks
    (1100, 300, "iPhone", "11111", 50, 13),
    (200, 100, "Android", "22222", 30, 8),
    (1300, 500, "Android", "33333", 133, 87),
    (1700, 700, "Android", "44444", 108, 359),
)
BY_DEVICE = (
    "SELECT SUM(impressions) AS impressions, SUM(clicks) AS clicks, device_type AS device,"
    f" postal_code AS postal FROM {TABLE} GROUP BY device_type, postal_code"
)


@pytest.fixture(scope="module")
def schema():
    connection = build_schema()
    connection.execute("SET schema = 'amc'")
    yield connection
    connection.close()


@pytest.fixture
def database(schema):
    schema.execute("BEGIN")
    yield schema
    schema.execute("ROLLBACK")


@pytest.fixture
def people(database):
    """Store events: one row per user and metric, the first user carrying what is left of the total."""

    def store(total, metric, users, **columns):
        row = {
            "__users": "n",
            "user_id": "'user-' || n",
            metric: f"CASE WHEN n = 0 THEN {total - users + 1} ELSE 1 END",
            "traffic_event_dt_utc": "TIMESTAMP '2026-01-15'",
            **{name: f"'{value}'" for name, value in columns.items()},
        }
        database.execute(
            f"INSERT INTO amc.{TABLE} ({', '.join(row)})"
            f" SELECT {', '.join(row.values())} FROM range({users}) r(n)"
        )

    return store


@pytest.fixture
def devices(people):
    for impressions, clicks, device, postal, seen, clicked in DEVICES:
        people(impressions, "impressions", seen, device_type=device, postal_code=postal)
        people(clicks, "clicks", clicked, device_type=device, postal_code=postal)


@pytest.fixture
def run(database):
    def run(sql=BY_DEVICE, *, options=None, **request):
        chosen = SqlOptions(**(options or {}))
        prepared = compile_query(sql, available((), chosen.thresholds), types={}, options=chosen)
        text = prepared.bind(BINDINGS).sql
        prepared = replace(prepared, types=bound_types(database, text, text=sql))
        rows = database.execute(visible(prepared.bind(BINDINGS), PrivacyRequest(**request))).fetchall()
        return [
            tuple(int(v) if hasattr(v, "as_integer_ratio") and not isinstance(v, bool) else v for v in row)
            for row in rows
        ]

    return run


def test_by_default_a_row_goes_whose_thinnest_metric_is_too_thin(devices, run):
    assert run() == [(1700, 700, "Android", "44444")]


def test_with_a_discriminator_thin_values_go_and_rows_that_became_alike_are_added_up(devices, run):
    assert sorted(run(discriminator_column="changed")) == [
        (1100, 300, "iPhone", None, True),
        (1500, 600, "Android", None, True),
        (1700, 700, "Android", "44444", False),
    ]


def test_remove_values_does_the_same_without_the_column(devices, run):
    assert sorted(run(filtering="REMOVE_VALUES"), key=str) == [
        (1100, 300, "iPhone", None),
        (1500, 600, "Android", None),
        (1700, 700, "Android", "44444"),
    ]


def test_the_reason_names_the_count_the_source_and_what_was_needed(devices, run):
    rows = run(discriminator_column="changed", reason_column="why")
    assert {row[2:4]: row[5] for row in rows} == {
        ("iPhone", None): f"13 '{TABLE}' effective users < 100 required",
        ("Android", None): f"8 '{TABLE}' effective users < 100 required",
        ("Android", "44444"): None,
    }


def test_a_reason_of_a_row_that_few_stand_behind_speaks_of_all_its_users(people, run):
    people(1, "impressions", 1, device_type="iPhone")
    sql = f"SELECT device_type, COUNT(*) AS n FROM {TABLE} GROUP BY 1"
    assert run(sql, filtering="REMOVE_VALUES", reason_column="why") == [
        (None, 1, f"1 '{TABLE}' users < 2 required")
    ]


def test_a_reason_says_which_of_several_reads_was_thin(people, run):
    people(5, "clicks", 1, device_type="iPhone")
    people(9, "impressions", 9, device_type="iPhone")
    sql = (
        f"WITH i AS (SELECT device_type, SUM(impressions) AS impressions, 0 AS clicks FROM {TABLE} GROUP BY 1"
        f" UNION ALL SELECT device_type, 0 AS impressions, SUM(clicks) AS clicks FROM {TABLE} GROUP BY 1)"
        " SELECT device_type, SUM(impressions) AS i, SUM(clicks) AS c FROM i GROUP BY 1"
    )
    assert run(sql, filtering="REMOVE_VALUES", reason_column="why") == [
        (None, 9, 5, f"1 '{TABLE}' (path 2 of 2) effective users < 2 required")
    ]


def test_the_user_count_is_the_thinnest_metrics_and_capped_at_what_was_asked(devices, run):
    rows = run(discriminator_column="changed", user_count_column="users")
    assert {row[2:4]: row[5] for row in rows} == {
        ("iPhone", None): 13,
        ("Android", None): 87,
        ("Android", "44444"): 100,
    }
    uncapped = run(user_count_column="users", options={"capped_user_counts": False})
    assert uncapped == [(1700, 700, "Android", "44444", 108)]


def test_the_cap_is_two_where_nothing_stricter_than_low_is_shown(people, run):
    people(40, "impressions", 40, device_type="iPhone")
    sql = f"SELECT device_type, SUM(impressions) AS i FROM {TABLE} GROUP BY 1"
    assert run(sql, user_count_column="users") == [("iPhone", 40, 2)]


def test_the_users_behind_a_row_may_count_instead_of_its_metrics(devices, run):
    rows = run(options={"counted_users": "distinct"})
    assert sorted(row[3] for row in rows) == ["33333", "44444"]


def test_a_metric_to_which_nobody_contributes_gives_nobody_away(people, run):
    people(7, "impressions", 5, device_type="iPhone")
    sql = f"SELECT device_type, SUM(impressions) AS i, SUM(clicks) AS c FROM {TABLE} GROUP BY 1"
    assert run(sql) == [("iPhone", 7, None)]
    assert run(sql, options={"empty_metrics": "filter"}) == []


def test_a_quotient_is_as_thin_as_the_thinner_of_its_sums(people, run):
    people(7, "impressions", 5, device_type="iPhone")
    people(3, "clicks", 1, device_type="iPhone")
    sql = f"SELECT device_type, SUM(clicks) / SUM(impressions) AS ctr FROM {TABLE} GROUP BY 1"
    assert run(sql) == []
    people(1, "clicks", 2, device_type="iPhone")
    assert len(run(sql)) == 1


def test_contributions_are_followed_through_ctes_joins_and_renamed_columns(people, run):
    people(7, "impressions", 5, device_type="iPhone")
    people(3, "clicks", 1, device_type="iPhone")
    people(7, "impressions", 5, device_type="Android")
    people(3, "clicks", 2, device_type="Android")
    sql = (
        f"WITH a(d, i) AS (SELECT device_type, SUM(impressions) FROM {TABLE} GROUP BY 1),"
        f" b AS (SELECT device_type AS d, SUM(clicks) AS k FROM {TABLE} GROUP BY 1),"
        " j AS (SELECT a.d, a.i, b.k AS clicks FROM a LEFT JOIN b ON a.d = b.d)"
        " SELECT x.device, SUM(x.i) AS i, SUM(x.c) AS c FROM j AS x(device, i, c) GROUP BY 1"
    )
    assert run(sql) == [("Android", 7, 3)]


def test_a_metric_that_became_a_dimension_counts_all_users_of_its_row(people, run):
    people(3, "impressions", 3, device_type="iPhone")
    sql = (
        f"WITH f AS (SELECT user_id, SUM(impressions) AS n FROM {TABLE} GROUP BY 1)"
        " SELECT n, COUNT(DISTINCT user_id) AS reach FROM f GROUP BY 1"
    )
    assert run(sql) == [(1, 3)]


def test_a_filtered_aggregate_counts_the_users_it_lets_through(people, run):
    people(9, "impressions", 9, device_type="iPhone", browser_family="Safari")
    people(1, "impressions", 1, device_type="iPhone", browser_family="Silk")
    template = (
        "SELECT device_type, SUM(impressions) FILTER (WHERE browser_family = '{}') AS i"
        f" FROM {TABLE} GROUP BY 1"
    )
    assert run(template.format("Silk")) == []
    assert run(template.format("Safari")) == [("iPhone", 9)]


def test_rows_that_lost_nothing_are_never_added_up(people, run):
    people(4, "impressions", 4, device_type="iPhone")
    sql = " UNION ALL ".join([f"SELECT device_type, SUM(impressions) AS i FROM {TABLE} GROUP BY 1"] * 2)
    assert run(sql, filtering="REMOVE_VALUES") == [("iPhone", 4), ("iPhone", 4)]


def test_an_outer_order_by_survives_the_adding_up(devices, run):
    rows = run(BY_DEVICE + " ORDER BY clicks DESC", discriminator_column="changed")
    assert [row[1] for row in rows] == [700, 600, 300]


def test_rows_behind_which_nobody_stands_go_unless_told_otherwise(people, database, run):
    people(4, "impressions", 4, device_type="iPhone")
    database.execute(
        f"INSERT INTO amc.{TABLE} (device_type, impressions, traffic_event_dt_utc)"
        " VALUES ('modelled', 6, '2026-01-15')"
    )
    sql = f"SELECT device_type, SUM(impressions) AS i FROM {TABLE} GROUP BY 1"
    assert run(sql) == [("iPhone", 4)]
    assert run(sql, options={"rows_without_users": "keep"}) == [("iPhone", 4), ("modelled", 6)]


def test_rows_without_user_data_have_no_reason_and_no_change(run):
    sql = "WITH v(name, n) AS (VALUES ('a', 1)) SELECT name, SUM(n) AS n FROM v GROUP BY 1"
    assert run(sql, discriminator_column="changed", reason_column="why") == [("a", 1, False, None)]


def test_a_threshold_may_differ_from_the_documented_one(people, run):
    people(9, "impressions", 9, customer_search_term="shoes")
    sql = f"SELECT customer_search_term AS term, SUM(impressions) AS i FROM {TABLE} GROUP BY 1"
    assert run(sql) == [("shoes", 9)]
    assert run(sql, options={"thresholds": ((f"{TABLE}.customer_search_term", "HIGH"),)}) == []


def test_a_threshold_for_no_column_is_refused():
    with pytest.raises(ValueError, match=r"There is no column 'dsp_clicks\.colour'"):
        available((), (("dsp_clicks.colour", "HIGH"),))


async def test_a_saved_workflow_says_what_becomes_of_thin_rows_and_an_execution_may_say_more(client):
    people = "FROM dsp_impressions WHERE user_id IS NOT NULL"
    sql = f"SELECT site, city_name AS city, SUM(impressions) AS n {people} GROUP BY 1, 2"
    saved = {
        "workflowId": "thin",
        "sqlQuery": sql,
        "filteredMetricsDiscriminatorColumn": "changed",
        "filteredReasonColumn": "why",
    }
    assert (await client.call("POST", "/workflows", json=saved)).status_code == 200
    rows = await client.rows("", workflowId="thin", timeWindowType="ALL", distinctUserCountColumn="people")
    assert list(rows[0]) == ["site", "city", "n", "changed", "people", "why"]
    thin = [row for row in rows if row["changed"] == "true"]
    assert thin
    for row in thin:
        assert row["city"] == ""
        assert row["why"].endswith(" 'dsp_impressions' users < 100 required")
    whole = await client.rows(f"SELECT SUM(impressions) AS n {people}", timeWindowType="ALL")
    assert sum(int(row["n"]) for row in rows) == int(whole[0]["n"])


async def test_rows_are_dropped_by_the_same_query_without_a_word(client):
    sql = "SELECT site, city_name AS city, SUM(impressions) AS n FROM dsp_impressions GROUP BY 1, 2"
    kept = await client.rows(sql, timeWindowType="ALL")
    emptied = await client.rows(sql, timeWindowType="ALL", privacyFilteringBehavior="REMOVE_VALUES")
    assert [row for row in emptied if row["city"]] == kept
    assert len(emptied) > len(kept)


async def test_an_added_column_cannot_have_the_name_of_another(client):
    sql = "SELECT site AS changed, COUNT(*) AS n FROM dsp_impressions GROUP BY 1"
    shown = await client.finish(await client.submit(sql, filteredMetricsDiscriminatorColumn="Changed"))
    assert (shown["status"], shown["statusReason"]) == (
        "REJECTED",
        "Duplicate output column name 'Changed'",
    )


async def test_an_unknown_behaviour_is_a_bad_request(client):
    body = {
        "workflow": {"sqlQuery": "SELECT COUNT(*) AS n FROM dsp_clicks"},
        "privacyFilteringBehavior": "HIDE",
    }
    assert (await client.call("POST", "/workflowExecutions", json=body)).status_code == 400

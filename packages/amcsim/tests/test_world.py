"""The synthetic world: the same for the same seed, coherent, and as long as AMC's history."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta

import pytest

from amcsim.catalogue import Sensitivity, available, tables
from amcsim.roster import build_roster
from amcsim.world.build import build_schema, build_world, connect
from amcsim.world.dimensions import create_dimensions
from amcsim.world.generate import generate
from amcsim.world.profile import build_profile
from amcsim.world.store import ParquetStore

UNTIL = date(2026, 11, 2)
CHECKED = (
    "dsp_impressions",
    "sponsored_ads_traffic",
    "conversions",
    "amazon_attributed_events_by_traffic_time",
)


def _instance(ordinal, *, seed=7):
    return list(build_roster(instances=12, seed=seed).instances.values())[ordinal]


def _opened(*, seed=7, ordinal=0, until=UNTIL, events=3_000, **named):
    instance = _instance(ordinal, seed=seed)
    return build_world(build_profile(instance, seed=seed, events=events, until=until), **named)


def _world(*, shown=CHECKED, **named):
    return _opened(**named).cursor(shown)


def _all(world, table, where="TRUE"):
    return world.execute(f"SELECT * FROM amc.{table} WHERE {where} ORDER BY ALL").fetchall()


@pytest.fixture(scope="module")
def world():
    return _world(shown=None)


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(world):
    again, other = _world(), _world(seed=8)
    for table in CHECKED:
        assert _all(world, table) == _all(again, table)
        assert _all(world, table) != _all(other, table)


def test_instances_of_one_seed_differ(world):
    assert _all(world, "dsp_impressions") != _all(_world(ordinal=1), "dsp_impressions")


def test_a_calendar_day_has_the_same_traffic_whenever_it_is_asked_for(world):
    later = _world(until=UNTIL + timedelta(days=9))
    day = "impression_date_utc = DATE '2026-10-05'"
    assert _all(world, "dsp_impressions", day) == _all(later, "dsp_impressions", day)


def test_the_data_fill_thirteen_months_up_to_yesterday(world):
    for table, moment in (
        ("dsp_impressions", "impression_dt_utc"),
        ("sponsored_ads_traffic", "event_dt_utc"),
    ):
        days = {row[0] for row in world.execute(f"SELECT CAST({moment} AS DATE) FROM amc.{table}").fetchall()}
        assert UNTIL - timedelta(days=1) in days
        assert UNTIL - timedelta(days=390) in days
        assert max(days) < UNTIL + timedelta(days=1)
    latest = world.execute("SELECT max(event_dt_utc) FROM amc.conversions").fetchone()[0]
    assert latest.date() < UNTIL


def test_every_table_has_exactly_the_columns_and_types_of_the_catalogue(world):
    schema = build_schema()
    for table in tables().values():
        expected = [(column.name, column.duckdb_type) for column in table.columns.values()]
        for database in (world, schema):
            described = [row[:2] for row in database.execute(f"DESCRIBE amc.{table.name}").fetchall()]
            assert described[-1] == ("__users", "BIGINT")
            assert described[:-1] == expected, table.name


def test_a_conversion_is_earned_within_fourteen_days_by_the_same_person(world):
    rows = world.execute(
        "SELECT conversion_event_dt_utc, traffic_event_dt_utc"
        " FROM amc.amazon_attributed_events_by_conversion_time"
    ).fetchall()
    assert len(rows) > 50
    assert all(timedelta(0) <= converted - seen <= timedelta(days=14) for converted, seen in rows)


def test_the_last_click_beats_every_view(world):
    touches = {True: defaultdict(list), False: defaultdict(list)}
    for user, brand, clicked, moment in world.execute(
        "SELECT user_no, brand_no, kind = 'click', moment FROM ("
        "  SELECT user_no, brand_no, 'view' AS kind, ts AS moment FROM dsp_event"
        "  UNION ALL SELECT user_no, brand_no, 'view', ts FROM sponsored_event"
        "  UNION ALL SELECT user_no, brand_no, 'click', click_ts FROM dsp_event WHERE clicked"
        "  UNION ALL SELECT user_no, brand_no, 'click', click_ts FROM sponsored_event WHERE clicked"
        ") WHERE user_no IS NOT NULL"
    ).fetchall():
        touches[clicked][user, brand].append(moment)
    conversions = world.execute(
        "SELECT user_no, brand_no, ts, touch_clicked, touch_ts, exposed FROM conversion"
    ).fetchall()
    earned = 0
    for user, brand, converted, clicked, moment, exposed in conversions:
        clicks, views = (
            [m for m in touches[kind][user, brand] if timedelta(0) <= converted - m <= timedelta(days=14)]
            for kind in (True, False)
        )
        assert clicked == bool(clicks)
        assert moment == max(clicks or views, default=None)
        assert exposed or moment is None
        earned += moment is not None
    assert 50 < earned < len(conversions)


def test_totals_are_promoted_plus_brand_halo_and_clicks_plus_views(world):
    sums = world.execute(
        "SELECT sum(purchases), sum(brand_halo_purchases), sum(total_purchases), sum(total_purchases_clicks),"
        " sum(total_purchases_views), sum(total_product_sales), sum(new_to_brand_total_product_sales)"
        " FROM amc.amazon_attributed_events_by_traffic_time"
    ).fetchone()
    promoted, halo, total, clicks, views, sales, new_sales = sums
    assert promoted + halo == total == clicks + views > 0
    assert promoted > 0 < halo
    assert 0 < new_sales < sales


def test_both_attributed_tables_hold_the_same_events(world):
    first, second = (
        Counter(_all(world, f"amazon_attributed_events_by_{name}_time")) for name in ("traffic", "conversion")
    )
    assert first == second


def test_modelled_conversions_have_nobody_and_nothing_below_the_line(world):
    rows = world.execute(
        "SELECT user_id, creative, site, postal_code, campaign"
        " FROM amc.amazon_attributed_events_by_traffic_time"
        " WHERE user_id IS NULL"
    ).fetchall()
    assert rows
    assert all(row[:4] == (None,) * 4 and row[4] for row in rows)


def test_clicks_follow_impressions_and_costs_have_their_units(world):
    rows = world.execute(
        "SELECT click_dt_utc - impression_dt_utc, click_cost, supply_cost FROM amc.dsp_clicks"
    ).fetchall()
    assert rows
    assert all(timedelta(0) < gap < timedelta(minutes=3) for gap, _, _ in rows)
    per_impression = world.execute(
        "SELECT avg(impression_cost) / 100000 FROM amc.dsp_impressions"
    ).fetchone()[0]
    per_click = world.execute(
        "SELECT avg(spend) / 100000000 FROM amc.sponsored_ads_traffic WHERE clicks = 1"
    ).fetchone()[0]
    assert 0.003 < per_impression < 0.04
    assert 0.1 < per_click < 3


def test_local_moments_follow_the_advertisers_time_zone(world):
    utc, local, hour, day = world.execute(
        "SELECT impression_dt_utc, impression_dt, impression_hour, impression_date FROM amc.dsp_impressions"
        " WHERE impression_dt_utc BETWEEN TIMESTAMP '2026-07-01 02:00:00' AND TIMESTAMP '2026-07-03 03:00:00'"
        " LIMIT 1"
    ).fetchone()
    assert utc - local == timedelta(hours=4)
    assert (hour, day) == (local.hour, local.date())


def test_kept_events_are_the_generated_ones(world, tmp_path):
    first = _world(folder=tmp_path)
    assert [path.suffix for path in tmp_path.iterdir()] == [""]
    kept = _world(folder=tmp_path)
    for table in CHECKED:
        assert _all(world, table) == _all(first, table) == _all(kept, table)


def test_more_events_can_be_asked_for():
    few, many = (
        _world(events=events).execute("SELECT count(*) FROM amc.dsp_impressions").fetchone()[0]
        for events in (3_000, 30_000)
    )
    assert 8 < many / few < 12


def test_the_catalogue_knows_thresholds_and_subscriptions():
    assert len(tables()) == 26
    assert tables()["dsp_impressions"].columns["user_id"].sensitivity is Sensitivity.VERY_HIGH
    assert (
        tables()["amazon_attributed_events_by_conversion_time"].columns["advertiser"].sensitivity
        is Sensitivity.LOW
    )
    assert tables()["dsp_clicks"].time_column == "click_dt_utc"
    assert tables()["segment_metadata"].time_column is None
    assert "conversions_all" not in available(())
    assert "amazon_retail_purchases" in available(("PURCHASE_RETAIL_PROGRAM",))
    assert tables()["audience_segments_eu_inmarket_snapshot"].time_column == "snapshot_datetime"


def test_what_earned_a_conversion_is_an_event_of_its_person(world):
    for channel, other in (("dsp", "sponsored"), ("sponsored", "dsp")):
        credited, found = world.execute(
            f"SELECT count(*), count(e.event_no) FROM conversion c LEFT JOIN {channel}_event e"
            f" ON e.event_no = c.touch_no // 4 AND e.user_no = c.user_no AND e.brand_no = c.brand_no"
            f" AND e.line_no = c.{channel}_line_no AND e.device_no = c.device_no"
            " AND CASE WHEN c.touch_clicked THEN e.click_ts ELSE e.ts END = c.touch_ts"
            f" WHERE c.{channel}_line_no IS NOT NULL AND c.{other}_line_no IS NULL"
        ).fetchone()
        assert credited == found > 20


def test_the_first_order_of_a_brand_is_new_once(world):
    rows = world.execute(
        "SELECT user_no, brand_no, ts, new_to_brand FROM conversion WHERE step_no = 2"
        " ORDER BY ts, conversion_no"
    ).fetchall()
    ordered = set()
    for user, brand, _, new in rows:
        assert new == ((user, brand) not in ordered and user % 10 < 7)
        ordered.add((user, brand))
    assert 0 < sum(row[-1] for row in rows) < len(rows)


def test_the_facts_do_not_depend_on_how_many_are_made_at_a_time(world, tmp_path):
    profile = build_profile(_instance(0), seed=7, events=3_000, until=UNTIL)
    names = ("dsp_event", "sponsored_event", "conversion", "person")
    whole = {name: world.execute(f"SELECT * FROM {name}").fetchall() for name in names}
    for at_a_time, folder in ((150, None), (700, tmp_path)):
        pieces = build_world(profile, folder=folder, at_a_time=at_a_time).cursor(())
        for name in names:
            assert pieces.execute(f"SELECT * FROM {name}").fetchall() == whole[name], (name, at_a_time)
    (kept,) = tmp_path.iterdir()
    assert len(list((kept / "dsp_event").iterdir())) > 2


def test_a_large_world_is_read_from_its_files(tmp_path, world):
    for folder in (None, tmp_path):
        large = _opened(folder=folder, most_in_memory=100)
        cursor = large.cursor(CHECKED)
        kinds = cursor.execute(
            "SELECT DISTINCT table_type FROM information_schema.tables"
            " WHERE table_name IN ('dsp_event', 'conversion', 'person')"
        ).fetchall()
        assert kinds == [("VIEW",)]
        for table in CHECKED:
            assert _all(cursor, table) == _all(world, table)
        large.close()


def test_of_two_that_fill_one_folder_the_first_is_kept(tmp_path):
    profile = build_profile(_instance(0), seed=7, events=3_000, until=UNTIL)
    connection = connect()
    create_dimensions(connection, profile)
    first, second = (ParquetStore(connection, tmp_path / "kept") for _ in range(2))
    for store in (first, second):
        generate(profile, store)
    first.finish()
    files = [(path, path.stat().st_ino) for path in (tmp_path / "kept").rglob("*.parquet")]
    second.finish()
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert files == [(path, path.stat().st_ino) for path in (tmp_path / "kept").rglob("*.parquet")]
    assert len(files) == 4


def test_a_failed_build_leaves_nothing_behind(tmp_path):
    broken = replace(build_profile(_instance(0), seed=7, events=3_000, until=UNTIL), users=0)
    with pytest.raises(IndexError):
        build_world(broken, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []

"""Whether the made-up world could be one: order in time, money for clicks and views, habits, everywhere."""

from collections import Counter
from datetime import date, timedelta
from statistics import median

import pytest

from amcsim.roster import build_roster
from amcsim.world.build import build_world
from amcsim.world.profile import build_profile

UNTIL = date(2026, 11, 2)
SHOWN = (
    "dsp_impressions",
    "dsp_clicks",
    "sponsored_ads_traffic",
    "conversions",
    "amazon_attributed_events_by_traffic_time",
)
YEN = 150


@pytest.fixture(scope="module")
def roster():
    return list(build_roster(instances=12, seed=7).instances.values())


@pytest.fixture(scope="module", params=range(12), ids=lambda number: f"instance-{number + 1}")
def instance(request, roster):
    return roster[request.param]


@pytest.fixture(scope="module")
def rows(instance):
    world = build_world(build_profile(instance, seed=7, events=12_000, until=UNTIL))
    cursor = world.cursor(SHOWN)
    yield lambda sql: cursor.execute(sql).fetchall()
    world.close()


@pytest.fixture(scope="module")
def price_level(instance):
    return YEN if instance.account.market.currency == "JPY" else 1


def test_instances_are_of_many_kinds(roster):
    assert len({one.size_percent for one in roster}) > 8
    assert {len(one.brands) for one in roster} == {1, 2, 3}
    assert {one.account.market.country for one in roster} == {"US", "DE", "UK", "JP"}
    assert len({one.subscriptions for one in roster}) > 3
    assert [one.sandbox for one in roster].count(True) == 1


def test_nothing_happens_before_what_leads_to_it(rows):
    """A click follows its impression, a conversion what earned it, everything its campaign's beginning."""
    assert rows(
        "SELECT count(*) FROM amc.dsp_clicks c LEFT JOIN amc.dsp_impressions i USING (request_tag)"
        " WHERE i.impression_dt_utc IS NULL OR i.impression_dt_utc > c.click_dt_utc"
        " OR i.user_id IS DISTINCT FROM c.user_id OR i.campaign_id <> c.campaign_id"
    ) == [(0,)]
    assert rows(
        "SELECT count(*) FROM amc.amazon_attributed_events_by_traffic_time"
        " WHERE conversion_event_dt_utc < traffic_event_dt_utc"
        " OR conversion_event_dt_utc > traffic_event_dt_utc + INTERVAL 14 DAY"
    ) == [(0,)]
    for table, moment in (
        ("dsp_impressions", "impression_dt_utc"),
        ("sponsored_ads_traffic", "event_dt_utc"),
        ("amazon_attributed_events_by_traffic_time", "traffic_event_dt_utc"),
    ):
        outside = f"{moment} < campaign_start_date_utc OR {moment} >= campaign_end_date_utc + INTERVAL 1 DAY"
        assert rows(f"SELECT count(*) FROM amc.{table} WHERE {outside}") == [(0,)], table


def test_history_is_thirteen_months_long_however_early_it_ends(instance):
    until = date(2025, 3, 1)
    world = build_world(build_profile(instance, seed=7, events=2_000, until=until))
    ((first, last, early),) = (
        world.cursor(SHOWN)
        .execute(
            "SELECT min(impression_dt_utc), max(impression_dt_utc),"
            " count(*) FILTER (impression_dt_utc < campaign_start_date_utc) FROM amc.dsp_impressions"
        )
        .fetchall()
    )
    world.close()
    assert until - timedelta(days=400) < first.date() < until - timedelta(days=390)
    assert until - timedelta(days=3) < last.date() < until
    assert early == 0


def test_a_thousand_views_and_a_click_cost_what_they_do_on_the_market(rows, price_level):
    costs = dict(
        rows(
            "SELECT creative_category, sum(impression_cost) / 100000 / count(*) * 1000"
            " FROM amc.dsp_impressions GROUP BY 1"
        )
    )
    assert 15 < costs["Video"] / price_level < 45
    assert 3 < costs["Display"] / price_level < 16
    clicks = rows(
        "SELECT campaign, sum(spend) / 100000000 / sum(clicks) FROM amc.sponsored_ads_traffic"
        " GROUP BY 1 HAVING sum(clicks) > 0"
    )
    assert all(0.2 < cost / price_level < 3 for _, cost in clicks)


def test_a_cost_is_the_same_in_every_unit(rows):
    """DSP costs are in millicents, fees and bids in microcents; the parts make the whole."""
    assert rows(
        "SELECT count(*) FROM amc.dsp_impressions WHERE bid_price <> impression_cost * 1000"
        " OR abs(total_cost * 1000 - impression_cost * 1000 - platform_fee - audience_fee) > 1000"
        " OR supply_cost >= impression_cost * 1000"
    ) == [(0,)]
    assert rows("SELECT count(*) FROM amc.sponsored_ads_traffic WHERE (spend > 0) <> (clicks = 1)") == [(0,)]


def test_advertising_earns_more_than_it_costs_and_no_fortune(rows, price_level):
    ((dsp_cost, sponsored_cost),) = rows(
        "SELECT (SELECT sum(total_cost) / 100000 FROM amc.dsp_impressions),"
        " (SELECT sum(spend) / 100000000 FROM amc.sponsored_ads_traffic)"
    )
    sales = dict(
        rows(
            "SELECT ad_product_type IS NULL, CAST(sum(total_product_sales) AS DOUBLE)"
            " FROM amc.amazon_attributed_events_by_traffic_time GROUP BY 1"
        )
    )
    assert 2 < sales[True] / dsp_cost < 40
    assert 1 < sales[False] / sponsored_cost < 15
    ((price,),) = rows(
        "SELECT CAST(sum(total_product_sales) AS DOUBLE) / sum(total_units_sold) FROM amc.conversions"
    )
    assert 6 < price / price_level < 45


def test_most_people_see_a_few_advertisements_and_some_many(rows):
    seen = [
        times
        for (times,) in rows(
            "SELECT count(*) FROM amc.dsp_impressions WHERE user_id IS NOT NULL GROUP BY user_id"
        )
    ]
    by_frequency = Counter(min(times, 20) for times in seen)
    assert 2 <= median(seen) <= 6
    assert by_frequency.most_common(1)[0][0] <= 4
    assert max(seen) > 5 * median(seen)


def test_evenings_and_weekends_are_busier_where_people_live(rows):
    by_hour = dict(rows("SELECT hour(impression_dt), count(*) FROM amc.dsp_impressions GROUP BY 1"))
    evening, night = (sum(by_hour.get(hour, 0) for hour in hours) for hours in (range(18, 23), range(1, 6)))
    assert evening > 6 * night
    by_day = dict(rows("SELECT isodow(impression_date_utc), count(*) FROM amc.dsp_impressions GROUP BY 1"))
    assert sum(by_day[day] for day in (5, 6, 7)) > 1.1 * sum(by_day[day] for day in (1, 2, 3))

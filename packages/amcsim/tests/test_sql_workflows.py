"""Whole queries in the style of AMC's users, each next to the same answer worked out in Python."""

from collections import Counter, defaultdict
from itertools import groupby

from amcsim.executions.window import WindowType


def test_reach_and_frequency(query, events):
    seen = Counter(user for (user,) in events("user_id", "dsp_impressions") if user is not None)
    buckets = Counter(min(count, 5) for count in seen.values())
    rows = query(
        "WITH f AS (SELECT user_id, SUM(impressions) AS n FROM dsp_impressions"
        " WHERE user_id IS NOT NULL GROUP BY 1)"
        " SELECT CASE WHEN n >= 5 THEN 5 ELSE n END AS frequency, COUNT(DISTINCT user_id) AS users"
        " FROM f GROUP BY 1"
    )
    expected = {bucket: count for bucket, count in buckets.items() if count >= 2}
    assert {int(row["frequency"]): int(row["users"]) for row in rows} == expected


def test_overlap_of_two_channels(query, events):
    display, sponsored = (
        {user for (user,) in events("user_id", table)} - {None}
        for table in ("dsp_impressions", "sponsored_ads_traffic")
    )
    rows = query(
        "WITH d AS (SELECT user_id, 1 AS flag FROM dsp_impressions GROUP BY 1),"
        " s AS (SELECT user_id, 1 AS flag FROM sponsored_ads_traffic GROUP BY 1)"
        " SELECT IF(d.flag = 1 AND s.flag = 1, 'both', IF(d.flag = 1, 'display', 'sponsored')) AS exposure,"
        " COUNT(DISTINCT COALESCE(d.user_id, s.user_id)) AS users"
        " FROM d FULL OUTER JOIN s ON d.user_id = s.user_id GROUP BY 1"
    )
    assert {row["exposure"]: int(row["users"]) for row in rows} == {
        "both": len(display & sponsored),
        "display": len(display - sponsored),
        "sponsored": len(sponsored - display),
    }


def test_path_to_conversion(query, events):
    first_seen = {}
    for user, campaign, moment in events("user_id, campaign, impression_dt_utc", "dsp_impressions"):
        if user is not None:
            known = first_seen.get((user, campaign))
            first_seen[user, campaign] = moment if known is None else min(known, moment)
    paths = Counter(
        tuple(campaign for _, _, campaign in sorted((user, moment, campaign) for moment, campaign in steps))
        for user, steps in _by_user(first_seen)
    )
    rows = query(
        "WITH f AS (SELECT user_id, campaign, MIN(impression_dt_utc) AS seen FROM dsp_impressions"
        " WHERE user_id IS NOT NULL GROUP BY 1, 2),"
        " r AS (SELECT user_id, NAMED_ROW('n', ROW_NUMBER() OVER (PARTITION BY user_id"
        " ORDER BY seen, campaign), 'c', campaign) AS step FROM f),"
        " p AS (SELECT user_id, ARRAY_SORT(COLLECT(step)) AS path FROM r GROUP BY 1)"
        " SELECT path, COUNT(DISTINCT user_id) AS users FROM p GROUP BY 1"
    )
    expected = {_as_text(path): count for path, count in paths.items() if count >= 2}
    assert {row["path"]: int(row["users"]) for row in rows} == expected
    assert len(expected) > 5


def _by_user(first_seen):
    ordered = sorted((user, moment, campaign) for (user, campaign), moment in first_seen.items())
    for user, steps in groupby(ordered, key=lambda step: step[0]):
        yield user, [(moment, campaign) for _, moment, campaign in steps]


def _as_text(path):
    return "[" + ", ".join(f"[{place}, {campaign}]" for place, campaign in enumerate(path, start=1)) + "]"


def test_time_to_conversion(query, events):
    gaps = events(
        "traffic_event_dt_utc, conversion_event_dt_utc, user_id, conversions",
        "amazon_attributed_events_by_conversion_time",
    )
    people = defaultdict(set)
    counts = Counter()
    for seen, converted, user, conversions in gaps:
        seconds = int(converted.timestamp()) - int(seen.timestamp())
        bucket = "soon" if seconds <= 259_200 else "later"
        people[bucket].add(user)
        counts[bucket] += conversions
    rows = query(
        "SELECT CASE WHEN SECONDS_BETWEEN(traffic_event_dt_utc, conversion_event_dt_utc) <= 259200"
        " THEN 'soon' ELSE 'later' END AS bucket, SUM(conversions) AS n"
        " FROM amazon_attributed_events_by_conversion_time GROUP BY 1"
    )
    # built from moments, which are MEDIUM, so a bucket needs a hundred people
    expected = {bucket: counts[bucket] for bucket, users in people.items() if len(users - {None}) >= 100}
    assert {row["bucket"]: int(row["n"]) for row in rows} == expected
    assert set(expected) == {"soon"}


def test_new_to_brand_share(query, events):
    orders = events(
        "campaign, user_id, total_purchases, new_to_brand_total_purchases",
        "amazon_attributed_events_by_traffic_time",
    )
    totals = defaultdict(lambda: [0, 0, set(), set(), set()])
    for campaign, user, purchases, new in orders:
        total = totals[campaign]
        total[0] += purchases
        total[1] += new
        total[2] |= {user} - {None}
        total[3] |= {user} - {None} if purchases else set()
        total[4] |= {user} - {None} if new else set()
    rows = query(
        "SELECT campaign, SUM(total_purchases) AS purchases,"
        " SUM(new_to_brand_total_purchases) / SUM(total_purchases) AS share"
        " FROM amazon_attributed_events_by_traffic_time GROUP BY 1"
    )
    # one buyer alone, or one new one, is too few for the row; none at all gives nobody away
    kept = {
        campaign: total
        for campaign, total in totals.items()
        if len(total[2]) >= 2 and len(total[3]) != 1 and len(total[4]) != 1
    }
    assert 2 < len(kept) < len(totals)
    assert {row["campaign"]: int(row["purchases"]) for row in rows} == {
        c: total[0] for c, total in kept.items()
    }
    for row in rows:
        purchases, new, *_ = kept[row["campaign"]]
        assert row["share"] == ("" if purchases == 0 else str(new / purchases))


def test_conversions_of_the_exposed_with_a_wider_window(query, events):
    exposed = {
        user
        for user, moment in events("user_id, impression_dt_utc", "dsp_impressions")
        if "2026-09-01" <= moment.isoformat() < "2026-11-01"
    }
    bought = [
        user
        for user, moment, step in events("user_id, event_dt_utc, event_subtype", "conversions")
        if "2026-10-01" <= moment.isoformat() < "2026-11-01" and step == "order" and user in exposed
    ]
    (row,) = query(
        "SELECT COUNT(*) AS orders, COUNT(DISTINCT c.user_id) AS buyers FROM conversions c"
        " WHERE c.event_subtype = 'order' AND EXISTS (SELECT i.user_id FROM"
        " TABLE(EXTEND_TIME_WINDOW('dsp_impressions', 'P30D', 'P0D')) i WHERE i.user_id = c.user_id)",
        window_type=WindowType.EXPLICIT,
        start="2026-10-01T00:00:00",
        end="2026-11-01T00:00:00",
    )
    assert (int(row["orders"]), int(row["buyers"])) == (len(bought), len(set(bought)))
    assert bought


def test_the_strongest_campaign_of_every_brand(query, events):
    counts = Counter(events("advertiser, campaign", "dsp_impressions"))
    best = {}
    for (advertiser, campaign), n in sorted(counts.items()):
        if advertiser not in best or n > counts[advertiser, best[advertiser]]:
            best[advertiser] = campaign
    rows = query(
        "WITH c AS (SELECT advertiser, campaign, COUNT(*) AS n FROM dsp_impressions GROUP BY 1, 2),"
        " r AS (SELECT advertiser, campaign, n,"
        " ROW_NUMBER() OVER (PARTITION BY advertiser ORDER BY n DESC, campaign) AS place FROM c)"
        " SELECT advertiser, campaign, SUM(n) AS n FROM r WHERE place = 1 GROUP BY 1, 2"
    )
    assert {row["advertiser"]: row["campaign"] for row in rows} == best


def test_cost_and_sales_side_by_side_in_one_currency(query, events):
    cost, sales = Counter(), Counter()
    for campaign, spent in events("campaign, spend", "sponsored_ads_traffic"):
        cost[campaign] += spent
    buyers = defaultdict(set)
    for campaign, user, sold in events(
        "campaign, user_id, total_product_sales", "amazon_attributed_events_by_traffic_time"
    ):
        sales[campaign] += sold
        buyers[campaign] |= {user} - {None} if sold else set()
    rows = query(
        "WITH t AS (SELECT campaign, SUM(spend) / 100000000 AS cost, 0 AS sales"
        " FROM sponsored_ads_traffic GROUP BY 1"
        " UNION ALL SELECT campaign, 0 AS cost, SUM(total_product_sales) AS sales"
        " FROM amazon_attributed_events_by_traffic_time GROUP BY 1)"
        " SELECT campaign, SUM(cost) AS cost, SUM(sales) AS sales FROM t GROUP BY campaign"
        " HAVING SUM(cost) > 0"
    )
    expected = {campaign for campaign, spent in cost.items() if spent and len(buyers[campaign]) != 1}
    assert {row["campaign"] for row in rows} == expected < set(cost)
    for row in rows:
        assert abs(float(row["cost"]) - cost[row["campaign"]] / 1e8) < 1e-6
        assert float(row["sales"]) == float(sales[row["campaign"]])

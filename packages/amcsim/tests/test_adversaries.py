"""Queries of somebody who wants to know one person: each is refused, or shows nothing (AMC aggregation
thresholds; how far AMC itself looks is unpublished).
"""

from collections import Counter, defaultdict

import pytest

from amcsim.sql.problem import SqlProblem

VERY_HIGH = "threshold VERY_HIGH"
MIXED = "cannot be mixed with literals"
BORROWED = "A sub-query among the values of a SELECT cannot show what has aggregation threshold"
SHOWN = (
    "SELECT {} AS u, COUNT(*) AS n FROM dsp_impressions GROUP BY 1",
    [
        "CONCAT('x', user_id)",
        "CASE WHEN campaign IS NULL THEN site ELSE user_id END",
        "TO_VARBINARY(user_id)",
        "SHA1(user_id)",
        "LENGTH(user_id)",
        "SUBSTRING(user_id, 1, 1)",
        "STR_TO_MAP(user_id)",
        "NAMED_ROW('u', user_id)",
        "JSON_SERIALIZE(NAMED_ROW('u', user_id))",
        "device_id",
    ],
)
FOLDED = (
    "SELECT campaign, {} AS u FROM dsp_impressions GROUP BY 1",
    [
        "MIN(user_id)",
        "MAX(HASH64(user_id))",
        "COLLECT(user_id)",
        "COLLECT(NAMED_ROW('u', user_id))",
        "CARDINALITY(COLLECT(DISTINCT user_id))",
        "APPROX_PERCENTILE(HASH64(user_id), 0.5)",
        "LAG(MAX(user_id)) OVER (ORDER BY campaign)",
        "(SELECT MAX(user_id) FROM dsp_clicks)",
    ],
)
THROUGH = [
    (
        "WITH c AS (SELECT COLLECT(user_id) AS ids FROM dsp_clicks),"
        " e AS (SELECT EXPLODE(ids) AS u FROM c) SELECT u, COUNT(*) AS n FROM e GROUP BY 1"
    ),
    (
        "SELECT site AS u, COUNT(*) AS n FROM dsp_clicks GROUP BY 1"
        " UNION ALL SELECT user_id AS u, COUNT(*) AS n FROM dsp_clicks GROUP BY 1"
    ),
    "SELECT DISTINCT u FROM (SELECT user_id AS u, SUM(clicks) AS n FROM dsp_clicks GROUP BY 1) x",
    (
        "SELECT r.pair.u AS u, COUNT(*) AS n"
        " FROM (SELECT NAMED_ROW('u', user_id, 's', site) AS pair FROM dsp_clicks) r GROUP BY 1"
    ),
]


@pytest.mark.parametrize(
    "sql", [template.format(value) for template, values in (SHOWN, FOLDED) for value in values] + THROUGH
)
def test_an_id_is_not_shown_whatever_is_made_of_it(query, sql):
    with pytest.raises(SqlProblem, match=VERY_HIGH):
        query(sql)


ONE = "335614e7141ae992"
WHERE = (
    "SELECT SUM(impressions) AS n FROM dsp_impressions WHERE {}",
    [
        f"user_id = '{ONE}'",
        f"CONCAT(user_id, '') = '{ONE}'",
        f"MD5(user_id) = MD5('{ONE}')",
        f"HASH64(user_id) = HASH64('{ONE}')",
        f"POSITION('{ONE}' IN user_id) = 1",
        f"INSTR(user_id, '{ONE}') IS NOT NULL",
        f"REGEXP_SUBSTR(user_id, '{ONE}') IS NOT NULL",
        f"REPLACE(user_id, '{ONE}', 'me') = 'me'",
        f"SUBSTRING(user_id, 1, 4) IN ('{ONE[:4]}')",
        f"CASE WHEN SUBSTRING(user_id, 1, 4) = '{ONE[:4]}' THEN 1 ELSE 0 END = 1",
        f"GREATEST(user_id, '{ONE}') = LEAST(user_id, '{ONE}')",
        f"ARRAY_CONTAINS(ARRAY['{ONE}'], user_id)",
        f"NULLIF(user_id, '{ONE}') IS NULL",
    ],
)
JOINED = (
    (
        f"WITH v(id) AS (VALUES ('{ONE}')), w AS ({{}})"
        " SELECT SUM(i.impressions) AS n FROM dsp_impressions i JOIN w ON i.user_id = w.id"
    ),
    [
        "SELECT id FROM v",
        "SELECT MAX(id) AS id FROM v",
        "SELECT MAX(id) OVER () AS id FROM v",
        f"SELECT IF(site IS NULL, 'x', '{ONE}') AS id FROM dsp_clicks GROUP BY 1",
        f"SELECT COALESCE(NULLIF(site, site), '{ONE}') AS id FROM dsp_clicks GROUP BY 1",
        "SELECT id FROM v UNION ALL SELECT site AS id FROM dsp_clicks GROUP BY 1",
        f"SELECT COALESCE(user_id, '{ONE}') AS id FROM dsp_clicks",
    ],
)


@pytest.mark.parametrize(
    "sql", [template.format(value) for template, values in (WHERE, JOINED) for value in values]
)
def test_nobody_is_picked_by_a_literal_however_it_gets_there(query, sql):
    with pytest.raises(
        SqlProblem, match=f"{VERY_HIGH} (and )?cannot be (compared with|mixed with) a? ?literal"
    ):
        query(sql)


@pytest.mark.parametrize(
    "sql",
    [
        (
            f"WITH v(id) AS (VALUES ('{ONE}')), w AS (SELECT COLLECT(id) AS ids FROM v)"
            " SELECT COUNT(*) AS n FROM dsp_clicks i JOIN w ON ARRAY_CONTAINS(w.ids, i.user_id)"
        ),
        (
            f"WITH v(id) AS (VALUES ('{ONE}')) SELECT COUNT(*) AS n FROM dsp_clicks i"
            " WHERE EXISTS (SELECT 1 FROM v WHERE v.id = i.user_id)"
        ),
    ],
)
def test_a_list_of_literals_picks_nobody_either(query, sql):
    with pytest.raises(SqlProblem, match="cannot be compared with a literal"):
        query(sql)


def test_an_id_cannot_fall_together_with_a_literal_in_a_group(query):
    with pytest.raises(SqlProblem, match=MIXED):
        query(
            f"WITH v(id, f) AS (VALUES ('{ONE}', 1)),"
            " g AS (SELECT user_id AS k, clicks, 0 AS f FROM dsp_clicks"
            " UNION ALL SELECT id AS k, 0 AS clicks, f FROM v),"
            " h AS (SELECT k, SUM(clicks) AS n, MAX(f) AS f FROM g GROUP BY k)"
            " SELECT SUM(n) AS n FROM h WHERE f = 1"
        )


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT (SELECT MAX(city_name) FROM dsp_clicks) AS c, COUNT(*) AS n FROM dsp_impressions",
        (
            "WITH v(k) AS (VALUES (1)) SELECT k, (SELECT MAX(s) FROM (SELECT MAX(city_name) AS s,"
            " COUNT(*) AS n FROM dsp_clicks GROUP BY user_id) x WHERE n = 2) AS s FROM v"
        ),
        "WITH v(k) AS (VALUES (1)) SELECT k, CONCAT('in ', (SELECT MAX(site) FROM dsp_clicks)) AS s FROM v",
    ],
)
def test_what_a_nested_query_lends_is_not_shown(query, sql):
    with pytest.raises(SqlProblem, match=BORROWED):
        query(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a.user_id_type, COUNT(*) AS n FROM dsp_impressions a GROUP BY a.user_id, 1",
        "SELECT site, SUM(impressions) AS n FROM dsp_impressions GROUP BY user_id, site",
        "SELECT COUNT(*) AS n, MAX(site) AS site FROM dsp_impressions GROUP BY user_id",
        "SELECT COLLECT(site) AS sites FROM dsp_impressions GROUP BY user_id",
        "SELECT SUM(impressions) AS n, MAX(impression_dt_utc) AS at FROM dsp_impressions GROUP BY user_id",
        (
            "SELECT site, ROW_NUMBER() OVER (ORDER BY user_id) AS r, COUNT(*) AS n"
            " FROM dsp_impressions GROUP BY site, user_id"
        ),
        "SELECT site, COUNT(*) AS n FROM dsp_impressions GROUP BY site HAVING COUNT(DISTINCT user_id) = 1",
        "SELECT city_name, SUM(clicks) AS n FROM dsp_clicks GROUP BY 1 HAVING SUM(clicks) < 3",
        (
            "WITH c AS (SELECT user_id, site FROM dsp_clicks) SELECT a.site, COUNT(*) AS n"
            " FROM c a JOIN c b ON a.user_id = b.user_id GROUP BY a.site, a.user_id"
        ),
        (
            "WITH n(k) AS (VALUES (1), (2), (3)) SELECT k, site, SUM(c) AS c"
            " FROM (SELECT site, user_id, COUNT(*) AS c FROM dsp_clicks GROUP BY 1, 2) x CROSS JOIN n"
            " GROUP BY k, site, user_id"
        ),
    ],
)
def test_a_row_of_one_person_is_not_shown(query, sql):
    assert query(sql) == []


def test_what_is_said_of_everybody_is_still_said(query):
    """The queries that people really write touch ids and literals too."""
    for sql in (
        (
            "WITH u AS (SELECT user_id, MAX(IF(site = 'Twitch', 1, 0)) AS f FROM dsp_impressions GROUP BY 1)"
            " SELECT f, COUNT(DISTINCT user_id) AS n FROM u WHERE f = 1 OR f = 0 GROUP BY 1"
        ),
        (
            "WITH a AS (SELECT user_id, 1 AS d, 0 AS s FROM dsp_impressions UNION ALL"
            " SELECT user_id, 0 AS d, 1 AS s FROM sponsored_ads_traffic),"
            " b AS (SELECT user_id, MAX(d) AS d, MAX(s) AS s FROM a GROUP BY 1)"
            " SELECT IF(d = 1 AND s = 1, 'both', 'one') AS mix, COUNT(*) AS n FROM b GROUP BY 1"
        ),
        (
            "WITH a AS (SELECT user_id, site FROM dsp_impressions UNION ALL"
            " SELECT CAST(NULL AS STRING) AS user_id, site FROM dsp_clicks)"
            " SELECT COUNT(DISTINCT a.user_id) AS n FROM a JOIN dsp_clicks c ON a.user_id = c.user_id"
        ),
        (
            "SELECT COUNT(DISTINCT COALESCE(i.user_id, c.user_id)) AS n FROM dsp_impressions i"
            " FULL OUTER JOIN dsp_clicks c ON COALESCE(i.user_id, i.user_id) = COALESCE(c.user_id, NULL)"
        ),
        "SELECT REGEXP_SUBSTR(postal_code, '^[0-9]') AS area, COUNT(*) AS n FROM dsp_impressions GROUP BY 1",
        (
            "SELECT CASE WHEN user_id IS NULL THEN 'nobody' ELSE 'somebody' END AS who, COUNT(*) AS n"
            " FROM dsp_impressions GROUP BY 1"
        ),
        (
            "SELECT COUNT(*) AS n FROM dsp_clicks"
            " WHERE click_dt_utc >= (SELECT MIN(impression_dt_utc) FROM dsp_impressions)"
        ),
        "SELECT site, COUNT(*) / (SELECT COUNT(*) FROM dsp_clicks) AS share FROM dsp_clicks GROUP BY 1",
    ):
        assert query(sql), sql


def _people_by(events, column, table):
    people = defaultdict(set)
    for value, user in events(f"{column}, user_id", table):
        people[value] |= {user} - {None}
    return people


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a.site AS s, b.city_name AS c, COUNT(*) AS n FROM dsp_clicks a, dsp_clicks b GROUP BY 1, 2",
        (
            "SELECT a.site AS s, b.city AS c, COUNT(*) AS n FROM dsp_impressions a"
            " CROSS JOIN (SELECT DISTINCT city_name AS city FROM dsp_clicks) b GROUP BY 1, 2"
        ),
        (
            "WITH b AS (SELECT advertiser AS ad, city_name AS c FROM dsp_clicks GROUP BY 1, 2),"
            " j AS (SELECT a.site AS s, b.c FROM dsp_impressions a JOIN b ON a.advertiser = b.ad)"
            " SELECT s, c, COUNT(*) AS n FROM j GROUP BY 1, 2"
        ),
        "SELECT DISTINCT a.site AS s, b.city_name AS c FROM dsp_impressions a, dsp_clicks b",
    ],
)
def test_a_crowd_on_the_other_side_of_a_join_hides_nobody(query, events, sql):
    few = _people_by(events, "city_name", "dsp_clicks")
    assert max(len(users) for users in few.values()) < 100
    assert {row["c"] for row in query(sql)} <= {""}


def test_a_join_person_by_person_counts_the_people_of_both_sides(query, events):
    seen = _people_by(events, "campaign", "dsp_impressions")
    clicked = _people_by(events, "site", "dsp_clicks")
    expected = {
        (campaign, site): len(users & others)
        for campaign, users in seen.items()
        for site, others in clicked.items()
        if len(users & others) >= 2
    }
    for join in ("JOIN dsp_clicks b ON a.user_id = b.user_id", "JOIN dsp_clicks b USING (user_id)"):
        rows = query(
            f"SELECT a.campaign, b.site, COUNT(DISTINCT a.user_id) AS n FROM dsp_impressions a {join}"
            " GROUP BY 1, 2"
        )
        assert {(row["campaign"], row["site"]): int(row["n"]) for row in rows} == expected


def test_what_a_window_brings_from_a_thin_row_is_thin(query, events):
    people = _people_by(events, "CONCAT(site, ' ', impression_date)", "dsp_impressions")
    thin = {place for place, users in people.items() if len(users) < 2}
    assert thin
    for function in ("LAG", "LEAD", "FIRST_VALUE", "LAST_VALUE"):
        rows = query(
            "WITH c AS (SELECT CONCAT(site, ' ', impression_date) AS place, COUNT(*) AS n"
            " FROM dsp_impressions GROUP BY 1)"
            f" SELECT place, n, {function}(place) OVER (ORDER BY n, place) AS other FROM c"
        )
        assert rows or function == "FIRST_VALUE"
        assert not {row["other"] for row in rows} & thin, function


def test_the_first_touch_of_everybody_is_counted_by_its_people(query, events):
    first = {}
    for user, moment, campaign in events("user_id, impression_dt_utc, campaign", "dsp_impressions"):
        if user is not None:
            first[user] = min(first.get(user, (moment, campaign)), (moment, campaign))
    rows = query(
        "WITH f AS (SELECT user_id, FIRST_VALUE(campaign) OVER (PARTITION BY user_id"
        " ORDER BY impression_dt_utc, campaign) AS first FROM dsp_impressions WHERE user_id IS NOT NULL)"
        " SELECT first, COUNT(DISTINCT user_id) AS n FROM f GROUP BY 1"
    )
    expected = Counter(campaign for _, campaign in first.values())
    assert {row["first"]: int(row["n"]) for row in rows} == expected

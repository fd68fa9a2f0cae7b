"""Rows that too few people stand behind are dropped; who stands behind one is worked out here in Python."""

from collections import defaultdict

import pytest


def _by_group(rows):
    groups = defaultdict(lambda: [0, set()])
    for *group, user in rows:
        groups[tuple(group)][0] += 1
        if user is not None:
            groups[tuple(group)][1].add(user)
    return groups


@pytest.mark.parametrize(("column", "needed"), [("site", 2), ("postal_code", 100), ("impression_dt", 100)])
def test_a_row_needs_as_many_users_as_its_strictest_column_asks(query, events, column, needed):
    groups = _by_group(events(f"CAST({column} AS VARCHAR), user_id", "dsp_impressions"))
    expected = {group: n for (group,), (n, users) in groups.items() if len(users) >= needed}
    rows = query(f"SELECT {column} AS g, COUNT(*) AS n FROM dsp_impressions GROUP BY 1")
    assert len(rows) == len(expected) < len(groups) or needed == 2
    assert sorted(int(row["n"]) for row in rows) == sorted(expected.values())


def test_a_rare_group_is_dropped_at_low(query, events):
    groups = _by_group(
        events("city_name, site, CAST(impression_date AS VARCHAR), user_id", "dsp_impressions")
    )
    by_site_and_day = _by_group(events("site, CAST(impression_date AS VARCHAR), user_id", "dsp_impressions"))
    kept = {group: n for group, (n, users) in by_site_and_day.items() if len(users) >= 2}
    rows = query("SELECT site, impression_date AS d, COUNT(*) AS n FROM dsp_impressions GROUP BY 1, 2")
    assert {(row["site"], row["d"]): int(row["n"]) for row in rows} == kept
    assert len(kept) < len(by_site_and_day) < len(groups)


def test_users_are_followed_through_ctes_and_joins(query, events):
    shown = events("user_id, campaign", "dsp_impressions")
    clicked = {user for (user,) in events("user_id", "dsp_clicks") if user is not None}
    users_of = defaultdict(set)
    for user, campaign in shown:
        if user in clicked:
            users_of[campaign].add(user)
    rows = query(
        "WITH i AS (SELECT user_id, campaign, COUNT(*) AS n FROM dsp_impressions GROUP BY 1, 2),"
        " c AS (SELECT user_id, COUNT(*) AS n FROM dsp_clicks GROUP BY 1),"
        " both AS (SELECT i.campaign, i.user_id FROM i INNER JOIN c ON i.user_id = c.user_id)"
        " SELECT campaign, COUNT(DISTINCT user_id) AS reach FROM both GROUP BY 1",
        distinct_user_count_column="people",
    )
    assert {row["campaign"]: int(row["reach"]) for row in rows} == {
        campaign: len(users) for campaign, users in users_of.items() if len(users) >= 2
    }
    assert all(row["people"] == "2" for row in rows)


def test_names_with_quotes_stay_names(query):
    (row,) = query(
        'SELECT COUNT(*) AS "n"", 1 AS ""x" FROM dsp_clicks',
        distinct_user_count_column='people" FROM (SELECT 1',
    )
    assert set(row) == {'n", 1 AS "x', 'people" FROM (SELECT 1'}


def test_users_are_followed_through_union_and_distinct(query, events):
    everywhere = defaultdict(set)
    for table in ("dsp_impressions", "sponsored_ads_traffic"):
        for advertiser, day, user in events("advertiser, campaign, user_id", table):
            everywhere[advertiser, day].add(user)
    rows = query(
        "WITH a AS (SELECT DISTINCT advertiser, campaign, user_id FROM dsp_impressions UNION"
        " SELECT advertiser, campaign, user_id FROM sponsored_ads_traffic)"
        " SELECT advertiser, campaign, COUNT(DISTINCT user_id) AS n FROM a GROUP BY 1, 2"
    )
    assert {(row["advertiser"], row["campaign"]): int(row["n"]) for row in rows} == {
        group: len(users - {None}) for group, users in everywhere.items() if len(users - {None}) >= 2
    }


def test_a_distinct_output_counts_the_users_behind_each_value(query, events):
    groups = _by_group(events("site, CAST(impression_date AS VARCHAR), user_id", "dsp_impressions"))
    rows = query("SELECT DISTINCT site, impression_date AS d FROM dsp_impressions")
    assert {(row["site"], row["d"]) for row in rows} == {
        group for group, (_, users) in groups.items() if len(users) >= 2
    }


def test_rows_without_people_behind_them_are_not_filtered(query):
    rows = query("WITH v(name, n) AS (VALUES ('a', 1), ('b', 2)) SELECT name, SUM(n) AS n FROM v GROUP BY 1")
    assert [(row["name"], row["n"]) for row in rows] == [("a", "1"), ("b", "2")]


def test_a_union_of_people_and_constants_keeps_only_what_people_stand_behind(query):
    rows = query(
        "SELECT campaign, COUNT(*) AS n FROM dsp_impressions GROUP BY 1"
        " UNION ALL SELECT 'constant' AS campaign, 1 AS n"
    )
    assert len(rows) > 2
    assert "constant" not in {row["campaign"] for row in rows}


def test_nothing_found_gives_a_header_alone(query):
    assert query("SELECT SUM(impressions) AS n FROM dsp_impressions WHERE campaign = 'none of ours'") == []


def test_a_stray_semicolon_gives_a_header_alone(query):
    assert query("SELECT COUNT(*) AS n FROM dsp_impressions;") == []
    assert query("SELECT COUNT(*) AS n FROM dsp_impressions; and what follows") == []
    assert len(query("SELECT COUNT(*) AS n FROM dsp_impressions")) == 1


def test_a_sandbox_may_switch_the_controls_off(query, simulation):
    sandbox = next(one for one in simulation.roster.instances.values() if one.sandbox)
    rows = query(
        "SELECT user_id, campaign FROM dsp_clicks",
        instance=sandbox,
        disable_aggregation_controls=True,
        synthetic_data=True,
    )
    assert len(rows) > 10
    assert set(rows[0]) == {"user_id", "campaign"}

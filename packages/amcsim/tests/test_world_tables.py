"""AMC's tables over one world: segments are people's, video events impressions', purchases orders."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest

from amcsim.catalogue import tables
from amcsim.roster import build_roster
from amcsim.world.build import build_world
from amcsim.world.profile import build_profile


@pytest.fixture(scope="module")
def world():
    instance = next(iter(build_roster(instances=1, seed=7).instances.values()))
    profile = build_profile(instance, seed=7, events=3_000, until=date(2026, 11, 2))
    return build_world(profile).cursor()


def _rows(world, sql):
    return world.execute(sql).fetchall()


def test_every_table_has_rows(world):
    empty = [name for name in tables() if not _rows(world, f"SELECT 1 FROM amc.{name} LIMIT 1")]
    assert empty == []


def test_video_events_are_steps_of_video_impressions(world):
    seen = Counter(
        _rows(world, "SELECT request_tag FROM amc.dsp_impressions WHERE creative_category = 'Video'")
    )
    rows = _rows(
        world,
        "SELECT request_tag, video_impression, video_start, video_first_quartile, video_midpoint,"
        " video_third_quartile, video_complete, video_unmute - video_mute, video_resume - video_pause"
        " FROM amc.dsp_video_events_feed",
    )
    assert Counter(row[:1] for row in rows) == seen
    for _, *steps, unmuted, resumed in rows:
        assert steps == sorted(steps, reverse=True)
        assert unmuted <= 0 >= resumed
    started, completed = (sum(row[place] for row in rows) for place in (2, 6))
    assert 0.5 < completed / started < 0.9


def test_a_view_was_measured_and_belongs_to_an_impression(world):
    served = {tag for (tag,) in _rows(world, "SELECT request_tag FROM amc.dsp_impressions")}
    kinds = defaultdict(list)
    for tag, kind, measured, viewed, guessed, definition in _rows(
        world,
        "SELECT impression_id, event_type, measurable_impressions, viewable_impressions,"
        " unmeasurable_viewable_impressions, view_definition FROM amc.dsp_views",
    ):
        kinds[tag].append(kind)
        assert (measured, viewed) == (kind == "MEASURABLE_IMP", kind == "VIEW")
        assert measured + viewed + guessed == 1
        assert (definition is None) == (kind != "VIEW")
    assert set(kinds) < served
    assert {tuple(sorted(found)) for found in kinds.values()} == {
        ("MEASURABLE_IMP",),
        ("MEASURABLE_IMP", "VIEW"),
        ("UNMEASURABLE_IMP",),
        ("SYNTHETIC_VIEW",),
    }


def test_impressions_repeat_for_every_segment_of_the_person(world):
    listed = Counter()
    for tag, ids, matched in _rows(
        world,
        "SELECT request_tag, user_behavior_segment_ids, matched_behavior_segment_ids"
        " FROM amc.dsp_impressions",
    ):
        assert set(matched or ()) <= set(ids or ())
        listed.update((tag, segment, int(segment in (matched or ()))) for segment in ids or ())
    columns = "request_tag, behavior_segment_id, behavior_segment_matched"
    assert listed == Counter(_rows(world, f"SELECT {columns} FROM amc.dsp_impressions_by_user_segments"))
    targeted = Counter({row: count for row, count in listed.items() if row[2]})
    assert targeted == Counter(_rows(world, f"SELECT {columns} FROM amc.dsp_impressions_by_matched_segments"))


def test_segments_belong_to_the_people_of_the_region(world):
    members = _rows(world, "SELECT user_id, segment_id FROM amc.audience_segments_amer_inmarket")
    assert len(members) == len(set(members))
    seen = {
        (user, segment)
        for user, segments in _rows(
            world, "SELECT user_id, user_behavior_segment_ids FROM amc.dsp_impressions"
        )
        for segment in segments or ()
    }
    known = set(members) | set(
        _rows(world, "SELECT user_id, segment_id FROM amc.audience_segments_amer_lifestyle")
    )
    assert seen < known
    described = set(
        _rows(world, "SELECT segment_id, segment_marketplace_id, segment_name FROM amc.segment_metadata")
    )
    for name in tables():
        if name.startswith("audience_segments_"):
            used = set(
                _rows(world, f"SELECT segment_id, segment_marketplace_id, segment_name FROM amc.{name}")
            )
            assert used <= described, name


def test_snapshots_are_of_first_thursdays_and_only_grow(world):
    days = defaultdict(set)
    for day, *member in _rows(
        world,
        "SELECT snapshot_datetime, user_id, segment_id FROM amc.audience_segments_amer_lifestyle_snapshot",
    ):
        days[day].add(tuple(member))
    assert len(days) == 13
    assert all(day.weekday() == 3 and day.day <= 7 for day in days)
    in_order = [days[day] for day in sorted(days)]
    assert all(earlier <= later for earlier, later in pairwise(in_order))
    assert in_order[-1] <= set(
        _rows(world, "SELECT user_id, segment_id FROM amc.audience_segments_amer_lifestyle")
    )


def test_conversions_are_those_of_people_who_had_met_an_advertisement(world):
    touched = defaultdict(list)
    for user, moment in _rows(
        world,
        "SELECT user_no, ts FROM dsp_event UNION ALL SELECT user_no, ts FROM sponsored_event"
        " UNION ALL SELECT user_no, click_ts FROM dsp_event WHERE clicked"
        " UNION ALL SELECT user_no, click_ts FROM sponsored_event WHERE clicked",
    ):
        touched[user].append(moment)
    expected = defaultdict(set)
    for number, user, moment, step in _rows(
        world, "SELECT conversion_no, user_no, ts, step_no FROM conversion"
    ):
        met = any(timedelta(0) <= moment - seen <= timedelta(days=28) for seen in touched[user])
        conversion = f"conv-{number}"
        expected["pixel" if step >= 7 else "ad-exposed" if met else "non-ad-exposed"].add(conversion)
        if met:
            expected["conversions"].add(conversion)
    assert {row[0] for row in _rows(world, "SELECT conversion_id FROM amc.conversions")} == expected.pop(
        "conversions"
    )
    by_exposure = defaultdict(set)
    for conversion, kind in _rows(world, "SELECT conversion_id, exposure_type FROM amc.conversions_all"):
        by_exposure[kind].add(conversion)
    assert by_exposure == expected
    assert len(expected["non-ad-exposed"]) > 50 < len(expected["ad-exposed"])


def test_conversions_have_the_item_and_the_value_of_their_kind(world):
    rows = _rows(
        world,
        "SELECT event_subtype, event_category, event_type_class, tracked_asin IS NOT NULL,"
        " total_product_sales > 0, off_amazon_product_sales > 0,"
        " combined_sales = total_product_sales + off_amazon_product_sales,"
        " CASE WHEN tracked_item IN (SELECT asin FROM product) THEN 'product'"
        " WHEN tracked_item LIKE 'store-%' THEN 'store'"
        " WHEN regexp_full_match(tracked_item, '[0-9]+') THEN 'definition' ELSE 'words' END"
        " FROM amc.conversions",
    )
    assert set(rows) == {
        ("detailPageView", "website", "consideration", False, False, False, True, "product"),
        ("shoppingCart", "website", "consideration", False, False, False, True, "product"),
        ("order", "purchase", "conversion", True, True, False, True, "product"),
        ("searchConversion", "website", None, False, False, False, True, "words"),
        ("brandStorePageView", "website", "consideration", False, False, False, True, "store"),
        ("wishList", "website", "consideration", False, False, False, True, "product"),
        ("snsSubscription", "website", "conversion", False, False, False, True, "product"),
        ("134", "off-Amazon", "consideration", False, False, False, True, "definition"),
        ("140", "off-Amazon", "conversion", False, False, True, True, "definition"),
    }


def test_relevant_campaigns_are_of_the_products_brand_and_had_begun(world):
    brands = dict(_rows(world, "SELECT asin, brand FROM product JOIN brand USING (brand_no)"))
    campaigns = defaultdict(set)
    for conversion, campaign, advertiser, item, category, scope, code, begun in _rows(
        world,
        "SELECT conversion_id, campaign_id_string, advertiser, tracked_item, event_category,"
        " engagement_scope, halo_code, event_dt_utc >= campaign_start_dt_utc"
        " FROM amc.conversions_with_relevance",
    ):
        assert campaign not in campaigns[conversion]
        campaigns[conversion].add(campaign)
        assert (brands.get(item, advertiser), begun) == (advertiser, True)
        assert (scope == "PROMOTED") == (code in {"TRACKED_ASIN", None})
        assert (code is None) == (category == "off-Amazon")
    assert campaigns.keys() == {row[0] for row in _rows(world, "SELECT conversion_id FROM amc.conversions")}
    assert {len(found) for found in campaigns.values()} == {9}


def test_retail_purchases_are_the_orders_of_everybody(world):
    bought = Counter(
        _rows(
            world,
            "SELECT purchase_dt_utc, asin, purchase_units_sold, unit_price * purchase_units_sold,"
            " user_id_type FROM amc.amazon_retail_purchases",
        )
    )
    ordered = Counter(
        _rows(
            world,
            "SELECT event_dt_utc, tracked_asin, total_units_sold, total_product_sales, 'adUserId'"
            " FROM amc.conversions_all WHERE event_subtype = 'order'",
        )
    )
    assert bought == ordered
    untracked = "SELECT count(tracked_asin), count(*) FROM amc.conversions_all WHERE event_subtype <> 'order'"
    assert _rows(world, untracked)[0][0] == 0 < _rows(world, untracked)[0][1]


def test_an_attributed_event_tells_what_its_impression_told(world):
    columns = (
        "campaign, line_item_id, creative, device_type, os_version, browser_family, device_make, site,"
        " page_type, campaign_flight_id, line_item_budget_amount, line_item_status, user_id, postal_code"
    )
    told = {tag: row for tag, *row in _rows(world, f"SELECT request_tag, {columns} FROM amc.dsp_impressions")}
    earned = _rows(
        world,
        f"SELECT request_tag, {columns} FROM amc.amazon_attributed_events_by_conversion_time"
        " WHERE ad_product_type IS NULL AND user_id IS NOT NULL",
    )
    assert len(earned) > 20
    assert all(told[tag] == row for tag, *row in earned)


def test_devices_and_deals_belong_to_their_impressions(world):
    rows = _rows(
        world,
        "SELECT device_id IS NULL, user_id IS NULL, app_bundle IS NULL, environment_type = 'Web',"
        " deal_id IS NULL, is_amazon_owned AND creative_category = 'Video' FROM amc.dsp_impressions",
    )
    assert all(
        no_device == nobody and no_bundle == web and no_deal != sold
        for no_device, nobody, no_bundle, web, no_deal, sold in rows
    )
    assert {len(set(column)) for column in zip(*rows, strict=True)} == {2}

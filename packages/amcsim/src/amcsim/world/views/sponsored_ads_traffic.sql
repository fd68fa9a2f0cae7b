-- One row per sponsored ads impression and one per click; a click is what costs.
SELECT
    e.user_no AS __users,
    e.ts AS event_dt_utc,
    e.impressions, e.clicks,
    CASE WHEN e.clicks = 1 THEN line.cpc_microcents * e.cost_percent // 100 ELSE 0 END AS spend,
    line.campaign, line.campaign_id, line.campaign_id_string,
    line.campaign_start AS campaign_start_date, line.campaign_start AS campaign_start_date_utc,
    line.campaign_start AS campaign_start_dt, line.campaign_start AS campaign_start_dt_utc,
    'DAILY' AS campaign_budget_type,
    line.ad_group, 'ENABLED' AS ad_group_status, 'STANDARD' AS ad_group_type,
    line.ad_group AS line_item, line.ad_group_id AS line_item_id, 'CPC' AS line_item_price_type,
    'ENABLED' AS line_item_status,
    line.campaign_start AS line_item_start_date, line.campaign_start AS line_item_start_date_utc,
    line.campaign_start AS ad_group_start_dt, line.campaign_start AS ad_group_start_dt_utc,
    line.ad_product_type, line.match_type, line.targeting, line.customer_search_term,
    line.portfolio_id, line.portfolio_name,
    product.asin AS creative_asin, product.title AS creative, 'PRODUCT' AS creative_type,
    placement.placement_type, device.operating_system, device.os_version, market.marketplace_name,
    brand.brand AS advertiser, brand.entity_id, market.timezone AS advertiser_timezone,
    market.currency AS currency_iso_code, market.currency AS currency_name,
    person.user_id, person.user_id_type,
    printf('sp-%d-%d', e.event_no, e.clicks) AS event_id,
    FALSE AS no_3p_trackers,
    CASE WHEN e.impressions = 1 AND e.event_no % 10 < 7 THEN 1 ELSE 0 END AS viewable_impressions,
    0 AS unmeasurable_viewable_impressions, 0 AS five_sec_views, 0 AS video_complete_views,
    0 AS video_first_quartile_views, 0 AS video_midpoint_views, 0 AS video_third_quartile_views, 0 AS video_unmutes
FROM (
    SELECT event_no, user_no, brand_no, line_no, placement_no, device_no, cost_percent, ts, 1 AS impressions, 0 AS clicks
    FROM sponsored_event
    UNION ALL
    SELECT event_no, user_no, brand_no, line_no, placement_no, device_no, cost_percent, click_ts, 0, 1
    FROM sponsored_event WHERE clicked
) e
JOIN sponsored_line line USING (line_no)
JOIN product USING (product_no)
JOIN brand ON brand.brand_no = e.brand_no
JOIN placement USING (placement_no)
JOIN device USING (device_no)
LEFT JOIN person ON person.user_no = e.user_no
CROSS JOIN market

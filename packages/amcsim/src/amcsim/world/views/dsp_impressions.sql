-- One row per DSP impression.
SELECT
    e.user_no AS __users,
    e.ts AS impression_dt_utc,
    e.clicked AS __clicked, e.click_ts AS __click_ts, e.event_no AS __event_no, line.aim AS __aim,
    printf('tag-%x', e.event_no) AS request_tag,
    1 AS impressions,
    line.campaign, line.campaign_id, CAST(line.campaign_id AS VARCHAR) AS campaign_id_string,
    line.campaign_start AS campaign_start_date, line.campaign_start AS campaign_start_date_utc,
    line.campaign_budget AS campaign_budget_amount, line.goal AS campaign_primary_goal,
    'RUNNING' AS campaign_status, 'STANDARD' AS campaign_sales_type, 'ADSP' AS campaign_source,
    line.campaign_id * 100 + month(e.ts) AS campaign_flight_id,
    line.line_item, line.line_item_id, line.line_item_type, 'CPM' AS line_item_price_type,
    line.campaign_budget // 2 AS line_item_budget_amount,
    line.campaign_start AS line_item_start_date, line.campaign_start AS line_item_start_date_utc,
    'RUNNING' AS line_item_status,
    line.creative_category, line.line_item || ' v' || (e.creative_no + 1) AS creative,
    line.line_item_id * 10 + e.creative_no AS creative_id,
    CASE WHEN line.creative_category = 'Video' THEN 15 + 15 * e.creative_no END AS creative_duration,
    CASE WHEN line.creative_category = 'Video' THEN '1920x1080' ELSE '300x250' END AS creative_size,
    CASE WHEN line.creative_category = 'Video' THEN 'Video' ELSE 'Image' END AS creative_type,
    CASE WHEN line.creative_category = 'Video' THEN '1920x1080' ELSE '300x250' END AS ad_slot_size,
    coalesce(line.only_device, device.device_type) AS device_type,
    device.operating_system, device.os_version, device.browser_family, device.environment_type,
    device.device_make, device.device_model, printf('device-%d-%d', e.user_no, e.device_no) AS device_id,
    CASE WHEN device.environment_type = 'App' THEN site.app_bundle END AS app_bundle,
    CASE WHEN site.is_amazon_owned AND line.creative_category = 'Video' THEN printf('PG-%d', site.supply_source_id) END
        AS deal_id,
    CASE WHEN site.is_amazon_owned AND line.creative_category = 'Video' THEN site.site || ' guaranteed' END AS deal_name,
    site.site, site.supply_source, site.supply_source_id, site.is_amazon_owned, site.page_type,
    CASE WHEN e.event_no % 5 < 3 THEN 'ATF' ELSE 'BTF' END AS slot_position,
    brand.brand AS advertiser, brand.advertiser_id, brand.entity_id,
    market.timezone AS advertiser_timezone, market.country AS campaign_country, market.country AS iso_country_code,
    market.currency AS currency_iso_code, market.currency AS currency_name,
    person.user_id, person.user_id_type, person.iso_state_province_code, person.city_name, person.postal_code,
    person.dma_code, FALSE AS no_3p_trackers,
    person.segment_ids AS user_behavior_segment_ids,
    CASE WHEN person.themes[line.aim + 1] IS NOT NULL THEN [person.themes[line.aim + 1]] END AS matched_behavior_segment_ids,
    market.marketplace_no AS segment_marketplace_id,
    cost.millicents AS impression_cost,
    cost.millicents * 1000 AS bid_price,
    cost.millicents * 800 AS supply_cost,
    cost.millicents * 80 AS platform_fee,
    cost.millicents * 60 AS audience_fee,
    0 AS third_party_fees, 0 AS managed_service_fee, 0 AS ocm_fee,
    cost.millicents * 1.14 AS total_cost
FROM dsp_event e
JOIN dsp_line line USING (line_no)
JOIN brand ON brand.brand_no = e.brand_no
JOIN site USING (site_no)
JOIN device USING (device_no)
LEFT JOIN person ON person.user_no = e.user_no
CROSS JOIN market
CROSS JOIN LATERAL (SELECT line.cpm_millicents * e.cost_percent // 100 AS millicents) cost

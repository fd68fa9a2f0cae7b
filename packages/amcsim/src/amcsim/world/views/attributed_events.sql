-- One row per attributed conversion with the traffic event that earned it; `__` columns feed the metric families.
SELECT
    c.user_no AS __users,
    person.user_id, person.user_id_type,
    c.ts AS conversion_event_dt_utc, c.touch_ts AS traffic_event_dt_utc,
    CASE WHEN NOT c.touch_clicked THEN c.touch_ts END AS impression_dt_utc, CASE WHEN c.touch_clicked THEN c.touch_ts END AS click_dt_utc,
    1 AS conversions,
    CASE WHEN c.touch_clicked THEN 0 ELSE 1 END AS impressions, CASE WHEN c.touch_clicked THEN 1 ELSE 0 END AS clicks,
    CASE WHEN c.touch_clicked THEN 'AD_CLICK' ELSE 'AD_IMP' END AS traffic_event_subtype, 'AD' AS traffic_event_type,
    printf('traffic-%d', c.touch_no) AS traffic_event_id,
    step.event_category AS conversion_event_category,
    step.event_subtype AS conversion_event_subtype, 'CONVERSION' AS conversion_event_type,
    step.event_type_class AS conversion_event_type_class, step.event_type_description AS conversion_event_type_description,
    market.marketplace_name AS conversion_event_marketplace_name, market.marketplace_name AS traffic_event_marketplace_name,
    sponsored_line.ad_product_type, sponsored_line.match_type, placement.placement_type,
    CASE WHEN c.modelled THEN NULL ELSE sponsored_line.targeting END AS targeting,
    CASE WHEN c.modelled THEN NULL ELSE sponsored_line.customer_search_term END AS customer_search_term,
    coalesce(dsp_line.campaign, sponsored_line.campaign) AS campaign,
    coalesce(dsp_line.campaign_id, sponsored_line.campaign_id) AS campaign_id,
    coalesce(CAST(dsp_line.campaign_id AS VARCHAR), sponsored_line.campaign_id_string) AS campaign_id_string,
    coalesce(dsp_line.campaign_start, sponsored_line.campaign_start) AS campaign_start_date,
    coalesce(dsp_line.campaign_start, sponsored_line.campaign_start) AS campaign_start_date_utc,
    dsp_line.campaign_budget AS campaign_budget_amount, dsp_line.goal AS campaign_primary_goal,
    'RUNNING' AS campaign_status,
    coalesce(dsp_line.line_item, sponsored_line.ad_group) AS line_item,
    coalesce(dsp_line.line_item_id, sponsored_line.ad_group_id) AS line_item_id,
    dsp_line.line_item_type,
    dsp_line.line_item || ' v' || (c.creative_no + 1) AS creative,
    CASE WHEN c.modelled THEN NULL ELSE dsp_line.creative_category END AS creative_category,
    dsp_line.line_item_id * 10 + c.creative_no AS creative_id,
    CASE WHEN c.modelled THEN NULL ELSE coalesce(dsp_line.only_device, device.device_type) END AS device_type,
    device.operating_system, device.os_version, device.browser_family, device.device_make,
    device.device_model, site.page_type,
    CASE WHEN dsp_line.line_no IS NOT NULL AND NOT c.modelled THEN printf('tag-%x', c.touch_no // 4) END
        AS request_tag,
    CASE WHEN c.step_no = 2 THEN 'Amazon.com' END AS purchase_retail_program,
    CASE WHEN c.step_no >= 7 THEN 'Brand site' END AS conversion_event_source_name,
    CASE WHEN c.step_no >= 7 THEN step.event_type_description END AS conversion_event_name,
    coalesce(dsp_line.campaign_start, sponsored_line.campaign_start) AS line_item_start_date,
    coalesce(dsp_line.campaign_start, sponsored_line.campaign_start) AS line_item_start_date_utc,
    CASE WHEN dsp_line.line_no IS NULL THEN 'ENABLED' ELSE 'RUNNING' END AS line_item_status,
    dsp_line.campaign_budget // 2 AS line_item_budget_amount,
    dsp_line.campaign_id * 100 + month(c.touch_ts) AS campaign_flight_id,
    device.environment_type, site.site, site.supply_source,
    brand.brand AS advertiser, brand.advertiser_id, brand.entity_id,
    market.timezone AS advertiser_timezone, market.country AS iso_country_code,
    person.iso_state_province_code, person.city_name, person.postal_code, person.dma_code,
    CASE WHEN c.step_no = 2 THEN c.new_to_brand END AS new_to_brand,
    CASE WHEN c.step_no = 2 THEN market.currency END AS purchase_currency,
    CASE WHEN c.step_no = 2 THEN product.price_cents / 100 END AS purchase_unit_price,
    CASE WHEN c.step_no = 2 THEN product.asin END AS tracked_asin,
    {tracked_item} AS tracked_item, FALSE AS no_3p_trackers,
    CASE WHEN c.step_no = 8 THEN product.price_cents * c.units / 100 ELSE 0 END AS off_amazon_product_sales,
    CASE WHEN c.step_no = 7 THEN 1 ELSE 0 END AS off_amazon_conversion_value,
    CASE WHEN c.step_no IN (2, 8) THEN product.price_cents * c.units / 100 ELSE 0 END AS combined_sales,
    c.touch_clicked AS __clicked, c.step_no AS __step,
    coalesce(c.new_to_brand, FALSE) AS __new,
    CASE WHEN c.dsp_line_no IS NOT NULL THEN c.product_no % 8 < 5 ELSE sponsored_line.product_no = c.product_no END AS __promoted,
    c.units AS __units, product.price_cents * c.units / 100 AS __sales
FROM (
    -- a few are modelled: nobody behind them, nothing known below the line item
    SELECT
        * EXCLUDE (user_no, device_no, site_no, creative_no),
        conversion_no % 97 < 3 AS modelled,
        CASE WHEN NOT modelled THEN user_no END AS user_no, CASE WHEN NOT modelled THEN device_no END AS device_no,
        CASE WHEN NOT modelled THEN site_no END AS site_no, CASE WHEN NOT modelled THEN creative_no END AS creative_no
    FROM conversion WHERE touch_no IS NOT NULL
) c
JOIN product ON product.product_no = c.product_no
JOIN brand ON brand.brand_no = c.brand_no
JOIN step ON step.step_no = c.step_no
LEFT JOIN device ON device.device_no = c.device_no
LEFT JOIN dsp_line ON dsp_line.line_no = c.dsp_line_no
LEFT JOIN sponsored_line ON sponsored_line.line_no = c.sponsored_line_no
LEFT JOIN placement ON placement.placement_no = c.placement_no
LEFT JOIN site ON site.site_no = c.site_no
LEFT JOIN person ON person.user_no = c.user_no
CROSS JOIN market

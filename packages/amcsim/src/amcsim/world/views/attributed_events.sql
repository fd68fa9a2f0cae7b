-- One row per attributed conversion with the traffic event that earned it; `__` columns feed the metric families.
SELECT
    CASE WHEN c.modelled THEN NULL ELSE c.user_no END AS __users,
    CASE WHEN c.modelled THEN NULL ELSE person.user_id END AS user_id,
    CASE WHEN c.modelled THEN NULL ELSE person.user_id_type END AS user_id_type,
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
    CASE WHEN c.modelled THEN NULL ELSE dsp_line.line_item || ' v' || (c.creative_no + 1) END AS creative,
    CASE WHEN c.modelled THEN NULL ELSE dsp_line.creative_category END AS creative_category,
    CASE WHEN c.modelled THEN NULL ELSE dsp_line.line_item_id * 10 + c.creative_no END AS creative_id,
    CASE WHEN c.modelled THEN NULL ELSE coalesce(dsp_line.only_device, device.device_type) END AS device_type,
    CASE WHEN c.modelled THEN NULL ELSE device.operating_system END AS operating_system,
    CASE WHEN c.modelled THEN NULL ELSE device.environment_type END AS environment_type,
    CASE WHEN c.modelled THEN NULL ELSE site.site END AS site,
    CASE WHEN c.modelled THEN NULL ELSE site.supply_source END AS supply_source,
    brand.brand AS advertiser, brand.advertiser_id, brand.entity_id,
    market.timezone AS advertiser_timezone, market.country AS iso_country_code,
    CASE WHEN c.modelled THEN NULL ELSE person.iso_state_province_code END AS iso_state_province_code,
    CASE WHEN c.modelled THEN NULL ELSE person.city_name END AS city_name,
    CASE WHEN c.modelled THEN NULL ELSE person.postal_code END AS postal_code,
    CASE WHEN c.modelled THEN NULL ELSE person.dma_code END AS dma_code,
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
    SELECT *, conversion_no % 97 < 3 AS modelled FROM conversion WHERE touch_no IS NOT NULL
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

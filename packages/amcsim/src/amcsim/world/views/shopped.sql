-- One row per thing that somebody did in the shop, whether or not they had met an advertisement.
SELECT
    c.user_no AS __users,
    c.ts AS event_dt_utc,
    c.exposed AS __exposed, c.brand_no AS __brand_no, c.product_no AS __product_no, c.conversion_no AS __conversion_no,
    c.step_no AS __step, c.units AS __units, product.price_cents AS __price_cents,
    1 AS conversions,
    printf('conv-%d', c.conversion_no) AS conversion_id,
    step.event_category, step.event_subtype, 'CONVERSION' AS event_type, step.event_type_class, step.event_type_description,
    CASE WHEN c.step_no < 7 THEN market.marketplace_name END AS marketplace_name, FALSE AS no_3p_trackers,
    CASE WHEN c.step_no = 2 THEN c.new_to_brand END AS new_to_brand,
    CASE WHEN c.step_no = 2 THEN market.currency END AS purchase_currency,
    CASE WHEN c.step_no = 2 THEN product.price_cents / 100 END AS purchase_unit_price,
    CASE WHEN c.step_no = 2 THEN 'Amazon.com' END AS purchase_retail_program,
    CASE WHEN c.step_no = 2 THEN product.price_cents * c.units / 100 ELSE 0 END AS total_product_sales,
    CASE WHEN c.step_no IN (2, 8) THEN product.price_cents * c.units / 100 ELSE 0 END AS combined_sales,
    CASE WHEN c.step_no = 2 THEN c.units ELSE 0 END AS total_units_sold,
    CASE WHEN c.step_no = 8 THEN product.price_cents * c.units / 100 ELSE 0 END AS off_amazon_product_sales,
    CASE WHEN c.step_no = 7 THEN 1 ELSE 0 END AS off_amazon_conversion_value,
    CASE WHEN c.step_no >= 7 THEN 'Brand site' END AS conversion_event_source_name,
    CASE WHEN c.step_no >= 7 THEN step.event_type_description END AS conversion_event_name,
    -- only orders have a tracked ASIN, everything has an item
    CASE WHEN c.step_no = 2 THEN product.asin END AS tracked_asin, {tracked_item} AS tracked_item,
    market.marketplace_no AS __marketplace_no, market.timezone AS __timezone,
    person.user_id, person.user_id_type
FROM conversion c
JOIN product ON product.product_no = c.product_no
JOIN brand ON brand.brand_no = c.brand_no
JOIN step ON step.step_no = c.step_no
LEFT JOIN person ON person.user_no = c.user_no
CROSS JOIN market

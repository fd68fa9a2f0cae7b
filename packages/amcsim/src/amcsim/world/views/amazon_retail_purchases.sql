-- One row per product of an order, with or without advertising; shoppers are known by their accounts.
SELECT
    s.__users,
    s.event_dt_utc AS purchase_dt_utc,
    month(s.event_dt_utc) AS purchase_month_utc,
    person.account_id AS user_id, 'adUserId' AS user_id_type,
    product.asin, brand.brand AS asin_brand, brand.brand || ' ' || product.title AS asin_name,
    parent.asin AS asin_parent,
    s.purchase_currency AS currency_code, s.marketplace_name, s.__marketplace_no AS marketplace_id,
    printf('retail-%d', s.__conversion_no) AS event_id,
    printf('order-%d', s.__conversion_no) AS purchase_id,
    printf('session-%d', s.__conversion_no) AS purchase_session_id,
    printf('session-%d', s.__conversion_no - drawn(s.__conversion_no, 70, 3)) AS origin_session_id,
    CASE drawn(s.__conversion_no, 71, 8) WHEN 0 THEN '1' WHEN 1 THEN 'B' WHEN 2 THEN 'B' ELSE 'S' END
        AS purchase_order_method,
    CASE WHEN drawn(s.__conversion_no, 72, 100) < 12 THEN 'Subscribe & Save' END AS purchase_program_name,
    drawn(s.__conversion_no, 73, 100) < 6 AS is_business_flag,
    drawn(s.__conversion_no, 74, 100) < 4 AS is_gift_flag,
    s.__units AS purchase_units_sold,
    s.__price_cents / 100 AS unit_price,
    FALSE AS no_3p_trackers
FROM ({shopped}) s
JOIN product ON product.product_no = s.__product_no
JOIN product parent ON parent.product_no = s.__product_no - s.__product_no % 8
JOIN brand ON brand.brand_no = product.brand_no
LEFT JOIN person ON person.user_no = s.__users
WHERE s.__step = 2

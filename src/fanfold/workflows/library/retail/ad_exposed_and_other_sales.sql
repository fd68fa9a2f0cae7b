-- Which part of all sales came from people who had met an advertisement.
/*
key: ad-exposed-and-other-sales
name: Ad-exposed and other sales
tags: [library, retail, paid]
tables: [conversions_all]
*/
SELECT
    exposure_type,
    COUNT(DISTINCT user_id) AS buyers,
    SUM(conversions) AS orders,
    SUM(total_units_sold) AS units,
    SUM(total_product_sales) AS sales
FROM conversions_all
WHERE event_subtype = 'order'
GROUP BY exposure_type

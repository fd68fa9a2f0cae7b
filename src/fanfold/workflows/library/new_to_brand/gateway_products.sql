-- Which products new customers buy first from the brand.
/*
key: gateway-products
name: Gateway products
tags: [library, new_to_brand, product]
tables: [conversions]
*/
SELECT
    tracked_asin AS asin,
    COUNT(DISTINCT user_id) AS new_customers,
    SUM(total_units_sold) AS units,
    SUM(total_product_sales) AS sales
FROM conversions
WHERE event_subtype = 'order' AND new_to_brand = TRUE
GROUP BY tracked_asin

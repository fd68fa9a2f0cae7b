-- What was ordered after advertising: units, sales and average order value by ASIN.
/*
key: sales-by-product
name: Sales by product
tags: [library, conversion, product]
parameters:
  least_orders:
    type: INTEGER
    default: 1
    description: Products with fewer orders are left out.
tables: [conversions]
*/
SELECT
    tracked_asin AS asin,
    COUNT(DISTINCT user_id) AS buyers,
    SUM(conversions) AS orders,
    SUM(total_units_sold) AS units,
    SUM(total_product_sales) AS sales,
    SUM(total_product_sales) / SUM(conversions) AS average_order_value
FROM conversions
WHERE event_subtype = 'order'
GROUP BY tracked_asin
HAVING SUM(conversions) >= CUSTOM_PARAMETER('least_orders')

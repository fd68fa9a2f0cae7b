-- How many people ordered once, twice and more often, and what they spent.
/*
key: repeat-purchases
name: Repeat purchases
tags: [library, conversion, loyalty]
parameters:
  most_orders:
    type: INTEGER
    default: 5
    description: Who ordered more often counts as this often.
tables: [conversions]
*/
WITH buyers AS (
    SELECT user_id, SUM(conversions) AS orders, SUM(total_product_sales) AS sales
    FROM conversions
    WHERE event_subtype = 'order' AND user_id IS NOT NULL
    GROUP BY user_id
)
SELECT
    LEAST(orders, CUSTOM_PARAMETER('most_orders')) AS orders,
    COUNT(DISTINCT user_id) AS buyers,
    SUM(sales) AS sales,
    SUM(sales) / COUNT(DISTINCT user_id) AS sales_per_buyer
FROM buyers
GROUP BY 1

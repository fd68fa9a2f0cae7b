-- How many advertisements people met before their first order, and what they bought.
/*
key: path-length
name: Path length
tags: [library, path, conversion]
parameters:
  longest:
    type: INTEGER
    default: 20
    description: Longer paths count as this long.
tables: [dsp_impressions, conversions]
*/
WITH orders AS (
    SELECT user_id, MIN(event_dt_utc) AS first_order, SUM(total_product_sales) AS sales
    FROM conversions
    WHERE event_subtype = 'order' AND user_id IS NOT NULL
    GROUP BY user_id
),
touches AS (
    SELECT orders.user_id, orders.sales, COUNT(*) AS touch_count
    FROM orders
    INNER JOIN dsp_impressions AS impressions ON impressions.user_id = orders.user_id
    WHERE impressions.impression_dt_utc <= orders.first_order
    GROUP BY orders.user_id, orders.sales
)
SELECT
    LEAST(touch_count, CUSTOM_PARAMETER('longest')) AS path_length,
    COUNT(DISTINCT user_id) AS buyers,
    SUM(sales) AS sales
FROM touches
GROUP BY 1

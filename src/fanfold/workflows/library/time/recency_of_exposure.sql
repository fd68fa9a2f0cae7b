-- How many days before the order buyers had last seen an advertisement.
/*
key: recency-of-exposure
name: Recency of exposure
tags: [library, time, conversion]
parameters:
  longest_days:
    type: INTEGER
    default: 28
    description: Longer ago counts as this long.
tables: [dsp_impressions, conversions]
*/
WITH seen AS (
    SELECT conversions.user_id, conversions.conversion_id, conversions.total_product_sales AS sales,
        conversions.event_date_utc AS ordered_on, MAX(impressions.impression_date_utc) AS last_seen_on
    FROM conversions
    INNER JOIN dsp_impressions AS impressions ON conversions.user_id = impressions.user_id
    WHERE conversions.event_subtype = 'order' AND impressions.impression_dt_utc <= conversions.event_dt_utc
    GROUP BY 1, 2, 3, 4
)
SELECT
    LEAST(
        CAST(SECONDS_BETWEEN(last_seen_on, ordered_on) / 86400 AS INTEGER), CUSTOM_PARAMETER('longest_days')
    ) AS days_since_last_seen,
    COUNT(DISTINCT user_id) AS buyers,
    SUM(sales) AS sales
FROM seen
GROUP BY 1

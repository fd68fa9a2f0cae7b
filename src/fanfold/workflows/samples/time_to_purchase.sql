-- How many days after the ad people bought, and how many were new to the brand.
/*
key: time-to-purchase
name: Time to purchase
tags: [sample, conversion]
parameters:
  longest_days:
    type: INTEGER
    default: 14
    description: Purchases later than this after the ad are left out.
tables: [amazon_attributed_events_by_traffic_time]
*/
WITH purchased AS (
    SELECT
        COALESCE(ad_product_type, 'dsp') AS ad_product,
        SECONDS_BETWEEN(
            CAST(traffic_event_date_utc AS TIMESTAMP), CAST(conversion_event_date_utc AS TIMESTAMP)
        ) / 86400 AS days,
        user_id, total_purchases, new_to_brand_total_purchases, total_product_sales
    FROM amazon_attributed_events_by_traffic_time
    WHERE user_id IS NOT NULL AND total_purchases > 0
)
SELECT
    ad_product,
    CASE
        WHEN days < 1 THEN '1 | on the same day'
        WHEN days < 4 THEN '2 | within three days'
        WHEN days < 8 THEN '3 | within a week'
        ELSE '4 | later'
    END AS time_to_purchase,
    COUNT(DISTINCT user_id) AS buyers,
    SUM(total_purchases) AS purchases,
    SUM(new_to_brand_total_purchases) AS new_to_brand_purchases,
    ROUND(SUM(total_product_sales), 2) AS sales
FROM purchased
WHERE days <= CUSTOM_PARAMETER('longest_days')
GROUP BY 1, 2

-- How long after the advertisement that earned it a purchase came.
/*
key: time-to-conversion
name: Time to conversion
tags: [library, conversion, time]
tables: [amazon_attributed_events_by_conversion_time]
*/
WITH purchased AS (
    SELECT
        campaign,
        user_id,
        SECONDS_BETWEEN(traffic_event_dt_hour_utc, conversion_event_dt_hour_utc) / 3600 AS hours,
        total_purchases,
        total_product_sales
    FROM amazon_attributed_events_by_conversion_time
    WHERE total_purchases > 0
)
SELECT
    CASE
        WHEN hours < 1 THEN '1 | in the same hour'
        WHEN hours < 24 THEN '2 | within a day'
        WHEN hours < 72 THEN '3 | within three days'
        WHEN hours < 168 THEN '4 | within a week'
        ELSE '5 | later'
    END AS time_to_purchase,
    COUNT(DISTINCT user_id) AS buyers,
    SUM(total_purchases) AS purchases,
    SUM(total_product_sales) AS sales
FROM purchased
GROUP BY 1

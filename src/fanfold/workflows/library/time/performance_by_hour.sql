-- At which hours of the day advertisements are seen and lead to purchases.
/*
key: performance-by-hour
name: Performance by hour
tags: [library, time]
tables: [dsp_impressions, amazon_attributed_events_by_traffic_time]
*/
WITH activity AS (
    SELECT impression_hour_utc AS hour, SUM(impressions) AS impressions, 0 AS purchases, 0 AS sales
    FROM dsp_impressions
    GROUP BY impression_hour_utc
    UNION ALL
    SELECT
        traffic_event_hour_utc AS hour,
        0 AS impressions,
        SUM(total_purchases) AS purchases,
        SUM(total_product_sales) AS sales
    FROM amazon_attributed_events_by_traffic_time
    GROUP BY traffic_event_hour_utc
)
SELECT
    hour,
    SUM(impressions) AS impressions,
    SUM(purchases) AS purchases,
    SUM(sales) AS sales
FROM activity
GROUP BY hour

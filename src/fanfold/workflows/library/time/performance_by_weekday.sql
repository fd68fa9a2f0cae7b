-- On which days of the week sponsored ads are clicked, and at which price.
/*
key: performance-by-weekday
name: Performance by day of the week
tags: [library, time]
tables: [sponsored_ads_traffic]
*/
SELECT
    EXTRACT(DOW FROM event_date_utc) AS day_of_week,
    CASE EXTRACT(DOW FROM event_date_utc)
        WHEN 1 THEN 'Sunday' WHEN 2 THEN 'Monday' WHEN 3 THEN 'Tuesday' WHEN 4 THEN 'Wednesday'
        WHEN 5 THEN 'Thursday' WHEN 6 THEN 'Friday' ELSE 'Saturday'
    END AS day_name,
    SUM(impressions) AS impressions,
    SUM(clicks) AS clicks,
    SUM(spend) / 100000000 AS cost
FROM sponsored_ads_traffic
GROUP BY 1, 2

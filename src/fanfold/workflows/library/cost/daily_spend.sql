-- What display and sponsored ads cost on each day.
/*
key: daily-spend
name: Daily spend
tags: [library, cost, time]
tables: [dsp_impressions, sponsored_ads_traffic]
*/
WITH activity AS (
    SELECT impression_date_utc AS activity_date, SUM(total_cost) / 100000 AS display_cost, 0 AS sponsored_cost
    FROM dsp_impressions
    GROUP BY impression_date_utc
    UNION ALL
    SELECT event_date_utc AS activity_date, 0 AS display_cost, SUM(spend) / 100000000 AS sponsored_cost
    FROM sponsored_ads_traffic
    GROUP BY event_date_utc
)
SELECT
    activity_date,
    SUM(display_cost) AS display_cost,
    SUM(sponsored_cost) AS sponsored_cost,
    SUM(display_cost) + SUM(sponsored_cost) AS cost
FROM activity
GROUP BY activity_date

-- Which campaigns open paths to an order and which close them.
/*
key: first-and-last-touch
name: First and last touch
tags: [library, path, attribution]
tables: [dsp_impressions, conversions]
*/
WITH touches AS (
    SELECT
        user_id,
        campaign,
        ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY impression_dt_utc) AS from_start,
        ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY impression_dt_utc DESC) AS from_end
    FROM dsp_impressions
    WHERE user_id IN (
        SELECT user_id FROM conversions WHERE event_subtype = 'order' AND user_id IS NOT NULL
    )
)
SELECT
    campaign,
    COUNT(DISTINCT IF(from_start = 1, user_id, NULL)) AS opened,
    COUNT(DISTINCT IF(from_end = 1, user_id, NULL)) AS closed,
    COUNT(DISTINCT user_id) AS took_part
FROM touches
GROUP BY campaign

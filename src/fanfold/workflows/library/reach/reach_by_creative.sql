-- How many people saw each creative, how many clicked, and the click-through rate.
/*
key: reach-by-creative
name: Reach by creative
tags: [library, reach, creative]
tables: [dsp_impressions, dsp_clicks]
*/
WITH shown AS (
    SELECT campaign, creative, SUM(impressions) AS impressions, 0 AS clicks, user_id
    FROM dsp_impressions
    GROUP BY campaign, creative, user_id
    UNION ALL
    SELECT campaign, creative, 0 AS impressions, SUM(clicks) AS clicks, user_id
    FROM dsp_clicks
    GROUP BY campaign, creative, user_id
)
SELECT
    campaign,
    creative,
    SUM(impressions) AS impressions,
    SUM(clicks) AS clicks,
    SUM(clicks) / SUM(impressions) AS click_through_rate,
    COUNT(DISTINCT user_id) AS reach
FROM shown
GROUP BY campaign, creative

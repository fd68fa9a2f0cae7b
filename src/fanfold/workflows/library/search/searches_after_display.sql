-- Whether people who saw display ads search and click more than others.
/*
key: searches-after-display
name: Searches after display
tags: [library, search, overlap]
tables: [sponsored_ads_traffic, dsp_impressions]
*/
WITH reached AS (
    SELECT user_id, 1 AS saw_display FROM dsp_impressions WHERE user_id IS NOT NULL GROUP BY user_id
)
SELECT
    IF(reached.saw_display = 1, 'saw display', 'did not see display') AS exposure,
    COUNT(DISTINCT traffic.user_id) AS people,
    SUM(traffic.impressions) AS impressions,
    SUM(traffic.clicks) AS clicks,
    SUM(traffic.clicks) / COUNT(DISTINCT traffic.user_id) AS clicks_per_person
FROM sponsored_ads_traffic AS traffic
LEFT JOIN reached ON traffic.user_id = reached.user_id
WHERE traffic.user_id IS NOT NULL
GROUP BY 1

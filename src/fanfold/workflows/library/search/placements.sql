-- Where on the page sponsored ads were shown, with clicks and cost.
/*
key: placements
name: Placements of sponsored ads
tags: [library, search]
tables: [sponsored_ads_traffic]
*/
SELECT
    placement_type,
    SUM(impressions) AS impressions,
    SUM(clicks) AS clicks,
    SUM(clicks) / SUM(impressions) AS click_through_rate,
    SUM(spend) / 100000000 AS cost,
    COUNT(DISTINCT user_id) AS people
FROM sponsored_ads_traffic
GROUP BY placement_type

-- Which searches sponsored ads answered, with clicks and cost.
/*
key: search-terms
name: Search terms
tags: [library, search]
tables: [sponsored_ads_traffic]
*/
SELECT
    customer_search_term AS search_term,
    SUM(impressions) AS impressions,
    SUM(clicks) AS clicks,
    SUM(spend) / 100000000 AS cost,
    COUNT(DISTINCT user_id) AS people
FROM sponsored_ads_traffic
WHERE customer_search_term IS NOT NULL
GROUP BY customer_search_term

-- How many people each mix of sponsored ad products reached, and what it cost.
/*
key: sponsored-products-and-brands-overlap
name: Overlap of sponsored ad products
tags: [library, overlap, cost]
tables: [sponsored_ads_traffic]
*/
WITH people AS (
    SELECT
        user_id,
        ARRAY_SORT(COLLECT(DISTINCT ad_product_type)) AS ad_products,
        SUM(impressions) AS impressions,
        SUM(clicks) AS clicks,
        SUM(spend) AS spend
    FROM sponsored_ads_traffic
    WHERE user_id IS NOT NULL
    GROUP BY user_id
)
SELECT
    ARRAY_TO_STRING(ad_products, ' + ') AS ad_products,
    COUNT(DISTINCT user_id) AS reach,
    SUM(impressions) AS impressions,
    SUM(clicks) AS clicks,
    SUM(spend) / 100000000 AS spend
FROM people
GROUP BY 1

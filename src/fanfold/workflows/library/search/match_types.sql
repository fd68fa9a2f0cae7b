-- How targets of each match type do: clicks, cost, price per click.
/*
key: match-types
name: Match types
tags: [library, search]
tables: [sponsored_ads_traffic]
*/
SELECT
    ad_product_type,
    match_type,
    SUM(impressions) AS impressions,
    SUM(clicks) AS clicks,
    SUM(spend) / 100000000 AS cost,
    SUM(spend) / 100000000 / SUM(clicks) AS cost_per_click
FROM sponsored_ads_traffic
GROUP BY ad_product_type, match_type

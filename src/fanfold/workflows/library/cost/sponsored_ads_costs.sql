-- What sponsored campaigns cost, per click and per thousand impressions.
/*
key: sponsored-ads-costs
name: Sponsored ads costs
tags: [library, cost]
tables: [sponsored_ads_traffic]
*/
SELECT
    ad_product_type,
    campaign,
    SUM(impressions) AS impressions,
    SUM(clicks) AS clicks,
    SUM(spend) / 100000000 AS cost,
    SUM(spend) / 100000000 / SUM(clicks) AS cost_per_click,
    SUM(clicks) / SUM(impressions) AS click_through_rate
FROM sponsored_ads_traffic
GROUP BY ad_product_type, campaign

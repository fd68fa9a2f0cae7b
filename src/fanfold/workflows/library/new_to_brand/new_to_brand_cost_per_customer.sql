-- What a first purchase from the brand costs in each sponsored campaign.
/*
key: new-to-brand-cost-per-customer
name: Cost per new customer
tags: [library, new_to_brand, cost]
tables: [sponsored_ads_traffic, amazon_attributed_events_by_traffic_time]
*/
WITH activity AS (
    SELECT campaign, SUM(spend) / 100000000 AS cost, 0 AS new_purchases
    FROM sponsored_ads_traffic
    GROUP BY campaign
    UNION ALL
    SELECT campaign, 0 AS cost, SUM(new_to_brand_total_purchases) AS new_purchases
    FROM amazon_attributed_events_by_traffic_time
    WHERE ad_product_type IS NOT NULL
    GROUP BY campaign
)
SELECT
    campaign,
    SUM(cost) AS cost,
    SUM(new_purchases) AS new_to_brand_purchases,
    SUM(cost) / SUM(new_purchases) AS cost_per_new_customer
FROM activity
GROUP BY campaign

-- What each campaign of any ad product cost and sold, and what came back per unit of currency.
/*
key: return-on-ad-spend
name: Return on ad spend
tags: [library, cost]
tables: [sponsored_ads_traffic, dsp_impressions, amazon_attributed_events_by_traffic_time]
*/
WITH activity AS (
    SELECT campaign, SUM(spend) / 100000000 AS cost, 0 AS sales
    FROM sponsored_ads_traffic
    GROUP BY campaign
    UNION ALL
    SELECT campaign, SUM(total_cost) / 100000 AS cost, 0 AS sales
    FROM dsp_impressions
    GROUP BY campaign
    UNION ALL
    SELECT campaign, 0 AS cost, SUM(total_product_sales) AS sales
    FROM amazon_attributed_events_by_traffic_time
    GROUP BY campaign
)
SELECT
    campaign,
    SUM(cost) AS cost,
    SUM(sales) AS sales,
    SUM(sales) / SUM(cost) AS return_on_ad_spend
FROM activity
GROUP BY campaign

-- What a visit of a detail page, a cart and a purchase cost in each display campaign.
/*
key: cost-per-detail-page-view
name: Cost per detail page view
tags: [library, cost, conversion]
tables: [dsp_impressions, amazon_attributed_events_by_traffic_time]
*/
WITH activity AS (
    SELECT campaign, SUM(total_cost) / 100000 AS cost, 0 AS views, 0 AS carts, 0 AS purchases
    FROM dsp_impressions
    GROUP BY campaign
    UNION ALL
    SELECT
        campaign,
        0 AS cost,
        SUM(total_detail_page_view) AS views,
        SUM(total_add_to_cart) AS carts,
        SUM(total_purchases) AS purchases
    FROM amazon_attributed_events_by_traffic_time
    WHERE ad_product_type IS NULL
    GROUP BY campaign
)
SELECT
    campaign,
    SUM(cost) AS cost,
    SUM(cost) / SUM(views) AS cost_per_detail_page_view,
    SUM(cost) / SUM(carts) AS cost_per_cart,
    SUM(cost) / SUM(purchases) AS cost_per_purchase
FROM activity
GROUP BY campaign

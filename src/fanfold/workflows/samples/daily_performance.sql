-- What each ad product did on each day, and what was bought because of it.
/*
key: daily-performance
name: Daily performance by ad product
tags: [sample, performance]
parameters:
  ad_products:
    type: ARRAY<STRING>
    default: [sponsored_products, sponsored_brands, sponsored_display, dsp]
    description: "The ad products to report: sponsored_products, sponsored_brands, sponsored_display, dsp."
tables: [sponsored_ads_traffic, dsp_impressions, dsp_clicks, amazon_attributed_events_by_traffic_time]
*/
WITH sponsored AS (
    SELECT event_date_utc AS activity_date, ad_product_type AS ad_product,
        SUM(impressions) AS impressions, SUM(clicks) AS clicks, SUM(spend) / 100000000 AS cost
    FROM sponsored_ads_traffic
    GROUP BY event_date_utc, ad_product_type
),
display AS (
    SELECT impression_date_utc AS activity_date, 'dsp' AS ad_product,
        SUM(impressions) AS impressions, SUM(total_cost) / 100000 AS cost
    FROM dsp_impressions
    GROUP BY impression_date_utc
),
display_clicks AS (
    SELECT click_date_utc AS activity_date, 'dsp' AS ad_product, SUM(clicks) AS clicks
    FROM dsp_clicks
    GROUP BY click_date_utc
),
attributed AS (
    SELECT traffic_event_date_utc AS activity_date, COALESCE(ad_product_type, 'dsp') AS ad_product,
        SUM(total_purchases) AS purchases, SUM(total_product_sales) AS sales
    FROM amazon_attributed_events_by_traffic_time
    GROUP BY traffic_event_date_utc, COALESCE(ad_product_type, 'dsp')
),
activity AS (
    SELECT activity_date, ad_product, impressions, clicks, cost, 0 AS purchases, 0 AS sales FROM sponsored
    UNION ALL
    SELECT activity_date, ad_product, impressions, 0 AS clicks, cost, 0 AS purchases, 0 AS sales FROM display
    UNION ALL
    SELECT activity_date, ad_product, 0 AS impressions, clicks, 0 AS cost, 0 AS purchases, 0 AS sales FROM display_clicks
    UNION ALL
    SELECT activity_date, ad_product, 0 AS impressions, 0 AS clicks, 0 AS cost, purchases, sales FROM attributed
)
SELECT
    activity_date,
    ad_product,
    SUM(impressions) AS impressions,
    SUM(clicks) AS clicks,
    ROUND(SUM(cost), 2) AS cost,
    SUM(purchases) AS purchases,
    ROUND(SUM(sales), 2) AS sales
FROM activity
WHERE ARRAY_CONTAINS(CUSTOM_PARAMETER('ad_products'), ad_product)
GROUP BY activity_date, ad_product

-- What each campaign earned if the last advertisement of the last fourteen days takes all.
/*
key: last-touch-attribution
name: Last-touch attribution
tags: [library, attribution]
tables: [dsp_impressions, sponsored_ads_traffic, conversions]
*/
WITH touches AS (
    SELECT user_id, campaign, impression_dt_utc AS touched_at
    FROM TABLE(EXTEND_TIME_WINDOW('dsp_impressions', 'P14D', 'P0D')) AS impressions
    WHERE user_id IS NOT NULL
    UNION ALL
    SELECT user_id, campaign, event_dt_utc AS touched_at
    FROM TABLE(EXTEND_TIME_WINDOW('sponsored_ads_traffic', 'P14D', 'P0D')) AS traffic
    WHERE user_id IS NOT NULL AND clicks = 1
),
ranked AS (
    SELECT
        touches.campaign,
        conversions.user_id,
        conversions.conversion_id,
        conversions.total_product_sales AS sales,
        ROW_NUMBER() OVER (PARTITION BY conversions.conversion_id ORDER BY touches.touched_at DESC) AS place
    FROM conversions
    INNER JOIN touches ON conversions.user_id = touches.user_id
    WHERE conversions.event_subtype = 'order' AND touches.touched_at <= conversions.event_dt_utc
)
SELECT
    campaign,
    COUNT(DISTINCT user_id) AS buyers,
    COUNT(*) AS orders,
    SUM(sales) AS sales
FROM ranked
WHERE place = 1
GROUP BY campaign

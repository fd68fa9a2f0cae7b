-- What each campaign earned if the first and the last advertisement get more than those between.
/*
key: position-based-attribution
name: Position-based attribution
tags: [library, attribution]
parameters:
  edge_weight:
    type: DOUBLE
    default: 0.4
    description: Share of the first and of the last advertisement.
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
        ROW_NUMBER() OVER (PARTITION BY conversions.conversion_id ORDER BY touches.touched_at) AS place,
        COUNT(*) OVER (PARTITION BY conversions.conversion_id) AS touch_count
    FROM conversions
    INNER JOIN touches ON conversions.user_id = touches.user_id
    WHERE conversions.event_subtype = 'order' AND touches.touched_at <= conversions.event_dt_utc
),
weighted AS (
    SELECT
        campaign,
        user_id,
        sales,
        CASE
            WHEN touch_count = 1 THEN 1
            WHEN touch_count = 2 THEN 0.5
            WHEN place IN (1, touch_count) THEN CUSTOM_PARAMETER('edge_weight')
            ELSE (1 - 2 * CUSTOM_PARAMETER('edge_weight')) / (touch_count - 2)
        END AS weight
    FROM ranked
)
SELECT
    campaign,
    COUNT(DISTINCT user_id) AS buyers,
    SUM(weight) AS orders,
    SUM(weight * sales) AS sales
FROM weighted
GROUP BY campaign

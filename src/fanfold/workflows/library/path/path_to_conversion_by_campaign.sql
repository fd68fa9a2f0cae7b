-- In which order buyers met the campaigns for the first time before they bought.
/*
key: path-to-conversion-by-campaign
name: Path to conversion by campaign
tags: [library, path, conversion]
tables: [dsp_impressions, sponsored_ads_traffic, conversions]
*/
WITH touches AS (
    SELECT user_id, campaign, MIN(impression_dt_utc) AS first_touch
    FROM dsp_impressions
    WHERE user_id IS NOT NULL
    GROUP BY user_id, campaign
    UNION ALL
    SELECT user_id, campaign, MIN(event_dt_utc) AS first_touch
    FROM sponsored_ads_traffic
    WHERE user_id IS NOT NULL
    GROUP BY user_id, campaign
),
orders AS (
    SELECT user_id, MIN(event_dt_utc) AS first_order, SUM(total_product_sales) AS sales
    FROM conversions
    WHERE event_subtype = 'order' AND user_id IS NOT NULL
    GROUP BY user_id
),
steps AS (
    SELECT
        touches.user_id,
        NAMED_ROW(
            'step', ROW_NUMBER() OVER (PARTITION BY touches.user_id ORDER BY first_touch, campaign),
            'campaign', touches.campaign
        ) AS step
    FROM touches
    INNER JOIN orders ON touches.user_id = orders.user_id
    WHERE touches.first_touch <= orders.first_order
),
paths AS (
    SELECT user_id, ARRAY_SORT(COLLECT(step)) AS path FROM steps GROUP BY user_id
)
SELECT
    paths.path AS path,
    COUNT(DISTINCT paths.user_id) AS buyers,
    SUM(orders.sales) AS sales
FROM paths
INNER JOIN orders ON paths.user_id = orders.user_id
GROUP BY paths.path

-- In which order people first met the ad products, with how many of them bought.
/*
key: path-by-ad-product
name: Path by ad product
tags: [library, path]
tables: [dsp_impressions, sponsored_ads_traffic, conversions]
*/
WITH touches AS (
    SELECT user_id, 'display' AS product, MIN(impression_dt_utc) AS first_touch
    FROM dsp_impressions
    WHERE user_id IS NOT NULL
    GROUP BY user_id
    UNION ALL
    SELECT user_id, ad_product_type AS product, MIN(event_dt_utc) AS first_touch
    FROM sponsored_ads_traffic
    WHERE user_id IS NOT NULL
    GROUP BY user_id, ad_product_type
),
steps AS (
    SELECT
        user_id,
        NAMED_ROW(
            'step', ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY first_touch, product),
            'product', product
        ) AS step
    FROM touches
),
paths AS (
    SELECT user_id, ARRAY_SORT(COLLECT(step)) AS path FROM steps GROUP BY user_id
),
buyers AS (
    SELECT user_id FROM conversions WHERE event_subtype = 'order' AND user_id IS NOT NULL GROUP BY user_id
)
SELECT
    paths.path AS path,
    COUNT(DISTINCT paths.user_id) AS reach,
    COUNT(DISTINCT buyers.user_id) AS buyers
FROM paths
LEFT JOIN buyers ON paths.user_id = buyers.user_id
GROUP BY paths.path

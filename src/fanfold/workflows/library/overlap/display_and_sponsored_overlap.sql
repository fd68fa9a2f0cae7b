-- How many people display and sponsored ads reached alone and together, and who of them bought.
/*
key: display-and-sponsored-overlap
name: Display and sponsored ads overlap
tags: [library, overlap, conversion]
tables: [dsp_impressions, sponsored_ads_traffic, conversions]
*/
WITH exposures AS (
    SELECT user_id, 1 AS display, 0 AS sponsored FROM dsp_impressions GROUP BY user_id
    UNION ALL
    SELECT user_id, 0 AS display, 1 AS sponsored FROM sponsored_ads_traffic GROUP BY user_id
),
people AS (
    SELECT user_id, MAX(display) AS display, MAX(sponsored) AS sponsored
    FROM exposures
    WHERE user_id IS NOT NULL
    GROUP BY user_id
),
buyers AS (
    SELECT user_id, SUM(total_product_sales) AS sales
    FROM conversions
    WHERE event_subtype = 'order' AND user_id IS NOT NULL
    GROUP BY user_id
)
SELECT
    CASE
        WHEN people.display = 1 AND people.sponsored = 1 THEN 'both'
        WHEN people.display = 1 THEN 'display only'
        ELSE 'sponsored ads only'
    END AS exposure,
    COUNT(DISTINCT people.user_id) AS reach,
    COUNT(DISTINCT buyers.user_id) AS buyers,
    COUNT(DISTINCT buyers.user_id) / COUNT(DISTINCT people.user_id) AS purchase_rate,
    SUM(COALESCE(buyers.sales, 0)) AS sales
FROM people
LEFT JOIN buyers ON people.user_id = buyers.user_id
GROUP BY 1

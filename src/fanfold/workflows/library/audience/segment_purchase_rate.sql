-- Which audience segments buy, and how much more often than everybody reached.
/*
key: segment-purchase-rate
name: Purchase rate of audience segments
tags: [library, audience, conversion]
tables: [dsp_impressions_by_user_segments, conversions]
*/
WITH members AS (
    SELECT behavior_segment_name AS segment, user_id
    FROM dsp_impressions_by_user_segments
    WHERE user_id IS NOT NULL
    GROUP BY behavior_segment_name, user_id
),
buyers AS (
    SELECT user_id, SUM(total_product_sales) AS sales
    FROM conversions
    WHERE event_subtype = 'order' AND user_id IS NOT NULL
    GROUP BY user_id
)
SELECT
    members.segment AS segment,
    COUNT(DISTINCT members.user_id) AS reach,
    COUNT(DISTINCT buyers.user_id) AS buyers,
    COUNT(DISTINCT buyers.user_id) / COUNT(DISTINCT members.user_id) AS purchase_rate,
    SUM(COALESCE(buyers.sales, 0)) AS sales
FROM members
LEFT JOIN buyers ON members.user_id = buyers.user_id
GROUP BY members.segment

-- Which in-market segments buyers belong to more often than the people who were reached.
/*
key: segment-index-of-buyers
name: Segments of buyers
tags: [library, audience, conversion, paid]
tables: [audience_segments_amer_inmarket, dsp_impressions, conversions]
*/
WITH reached AS (
    SELECT user_id FROM dsp_impressions WHERE user_id IS NOT NULL GROUP BY user_id
),
buyers AS (
    SELECT user_id FROM conversions WHERE event_subtype = 'order' AND user_id IS NOT NULL GROUP BY user_id
)
SELECT
    segments.segment_name AS segment,
    COUNT(DISTINCT reached.user_id) AS reach,
    COUNT(DISTINCT buyers.user_id) AS buyers,
    COUNT(DISTINCT buyers.user_id) / COUNT(DISTINCT reached.user_id) AS purchase_rate
FROM audience_segments_amer_inmarket AS segments
LEFT JOIN reached ON segments.user_id = reached.user_id
LEFT JOIN buyers ON segments.user_id = buyers.user_id
GROUP BY segments.segment_name

-- Which in-market segments buyers belong to more often than the people who were reached.
/*
key: segment-index-of-buyers
name: Segments of buyers
tags: [library, audience, conversion, paid]
tables:
  - audience_segments_amer_inmarket
  - audience_segments_apac_inmarket
  - audience_segments_eu_inmarket
  - dsp_impressions
  - conversions
*/
WITH members AS (
    -- an instance's people are in the table of its own region, a few in those of others too
    SELECT segment_name, user_id FROM audience_segments_amer_inmarket
    UNION ALL
    SELECT segment_name, user_id FROM audience_segments_apac_inmarket
    UNION ALL
    SELECT segment_name, user_id FROM audience_segments_eu_inmarket
),
reached AS (
    SELECT user_id FROM dsp_impressions WHERE user_id IS NOT NULL GROUP BY user_id
),
buyers AS (
    SELECT user_id FROM conversions WHERE event_subtype = 'order' AND user_id IS NOT NULL GROUP BY user_id
)
SELECT
    members.segment_name AS segment,
    COUNT(DISTINCT reached.user_id) AS reach,
    COUNT(DISTINCT buyers.user_id) AS buyers,
    COUNT(DISTINCT buyers.user_id) / COUNT(DISTINCT reached.user_id) AS purchase_rate
FROM members
LEFT JOIN reached ON members.user_id = reached.user_id
LEFT JOIN buyers ON members.user_id = buyers.user_id
GROUP BY members.segment_name

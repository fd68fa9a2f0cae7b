-- How many people two in-market segments have in common.
/*
key: segment-overlap
name: Overlap of audience segments
tags: [library, audience, overlap, paid]
tables: [audience_segments_amer_inmarket, audience_segments_apac_inmarket, audience_segments_eu_inmarket]
*/
WITH listed AS (
    -- an instance's people are in the table of its own region, a few in those of others too
    SELECT segment_name, user_id FROM audience_segments_amer_inmarket
    UNION ALL
    SELECT segment_name, user_id FROM audience_segments_apac_inmarket
    UNION ALL
    SELECT segment_name, user_id FROM audience_segments_eu_inmarket
),
members AS (
    SELECT segment_name, user_id FROM listed WHERE user_id IS NOT NULL GROUP BY segment_name, user_id
)
SELECT
    one.segment_name AS segment,
    other.segment_name AS other_segment,
    COUNT(DISTINCT one.user_id) AS people
FROM members AS one
INNER JOIN members AS other ON one.user_id = other.user_id
WHERE one.segment_name < other.segment_name
GROUP BY 1, 2

-- Which audience segments the people behind the impressions belong to.
/*
key: audience-segments
name: Reach by audience segment
tags: [library, audience]
parameters:
  least_reach:
    type: INTEGER
    default: 100
    description: Segments with fewer people are left out.
tables: [dsp_impressions_by_user_segments]
*/
SELECT
    behavior_segment_name AS segment,
    SUM(impressions) AS impressions,
    COUNT(DISTINCT user_id) AS reach,
    SUM(total_cost) / 100000 AS cost
FROM dsp_impressions_by_user_segments
GROUP BY behavior_segment_name
HAVING COUNT(DISTINCT user_id) >= CUSTOM_PARAMETER('least_reach')

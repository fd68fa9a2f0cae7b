-- How the segments did that line items were aimed at.
/*
key: matched-audience-segments
name: Targeted audience segments
tags: [library, audience]
tables: [dsp_impressions_by_matched_segments]
*/
SELECT
    campaign,
    behavior_segment_name AS segment,
    SUM(behavior_segment_matched) AS matched_impressions,
    COUNT(DISTINCT user_id) AS reach
FROM dsp_impressions_by_matched_segments
WHERE behavior_segment_matched = 1
GROUP BY campaign, behavior_segment_name

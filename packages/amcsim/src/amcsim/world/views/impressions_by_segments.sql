-- One row per DSP impression and segment: all of the person's, of which the line item is aimed at some.
SELECT
    i.*,
    segment.segment_id AS behavior_segment_id, segment.segment_name AS behavior_segment_name,
    segment.class || ' ' || segment.category AS behavior_segment_description,
    CASE WHEN segment.theme_no = i.__aim THEN 1 ELSE 0 END AS behavior_segment_matched
FROM ({dsp_impressions}) i
JOIN membership m ON m.user_no = i.__users
JOIN segment ON segment.segment_id = m.segment_id
WHERE {condition}

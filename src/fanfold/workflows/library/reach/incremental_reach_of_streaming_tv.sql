-- How many people video alone reached, display alone, and both.
/*
key: incremental-reach-of-streaming-tv
name: Incremental reach of video
tags: [library, reach, video]
tables: [dsp_impressions]
*/
WITH channels AS (
    SELECT
        user_id,
        MAX(IF(creative_category = 'Video', 1, 0)) AS saw_video,
        MAX(IF(creative_category = 'Display', 1, 0)) AS saw_display,
        SUM(impressions) AS impressions
    FROM dsp_impressions
    WHERE user_id IS NOT NULL
    GROUP BY user_id
)
SELECT
    CASE
        WHEN saw_video = 1 AND saw_display = 1 THEN 'video and display'
        WHEN saw_video = 1 THEN 'video only'
        ELSE 'display only'
    END AS exposure,
    COUNT(DISTINCT user_id) AS reach,
    SUM(impressions) AS impressions
FROM channels
GROUP BY 1

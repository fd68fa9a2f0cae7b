-- How many people each mix of display, video and sponsored ads reached.
/*
key: three-way-overlap
name: Display, video and sponsored ads overlap
tags: [library, overlap, video]
tables: [dsp_impressions, sponsored_ads_traffic]
*/
WITH exposures AS (
    SELECT
        user_id,
        IF(creative_category = 'Video', 'video', 'display') AS channel
    FROM dsp_impressions
    GROUP BY 1, 2
    UNION ALL
    SELECT user_id, 'sponsored' AS channel
    FROM sponsored_ads_traffic
    GROUP BY 1
),
mixes AS (
    SELECT user_id, ARRAY_SORT(COLLECT(DISTINCT channel)) AS channels
    FROM exposures
    WHERE user_id IS NOT NULL
    GROUP BY user_id
)
SELECT
    ARRAY_TO_STRING(channels, ' + ') AS channels,
    CARDINALITY(channels) AS channel_count,
    COUNT(DISTINCT user_id) AS reach
FROM mixes
GROUP BY 1, 2

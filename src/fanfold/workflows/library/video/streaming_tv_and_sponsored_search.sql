-- Whether people who saw video ads click sponsored ads and buy more often.
/*
key: streaming-tv-and-sponsored-search
name: Streaming TV and sponsored ads
tags: [library, video, overlap, conversion]
tables: [dsp_impressions, sponsored_ads_traffic, conversions]
*/
WITH video AS (
    SELECT user_id, 1 AS saw_video
    FROM dsp_impressions
    WHERE creative_category = 'Video' AND user_id IS NOT NULL
    GROUP BY user_id
),
search AS (
    SELECT user_id, SUM(clicks) AS clicks
    FROM sponsored_ads_traffic
    WHERE user_id IS NOT NULL
    GROUP BY user_id
),
buyers AS (
    SELECT user_id FROM conversions WHERE event_subtype = 'order' AND user_id IS NOT NULL GROUP BY user_id
)
SELECT
    IF(video.saw_video = 1, 'saw video', 'did not see video') AS exposure,
    COUNT(DISTINCT search.user_id) AS people,
    SUM(search.clicks) AS clicks,
    COUNT(DISTINCT buyers.user_id) AS buyers,
    COUNT(DISTINCT buyers.user_id) / COUNT(DISTINCT search.user_id) AS purchase_rate
FROM search
LEFT JOIN video ON search.user_id = video.user_id
LEFT JOIN buyers ON search.user_id = buyers.user_id
GROUP BY 1

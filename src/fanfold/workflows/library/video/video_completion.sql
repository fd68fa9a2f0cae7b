-- How far people watch video advertisements: starts, quarters and completions.
/*
key: video-completion
name: Video completion
tags: [library, video]
tables: [dsp_video_events_feed]
*/
SELECT
    campaign,
    SUM(video_start) AS starts,
    SUM(video_first_quartile) AS first_quartiles,
    SUM(video_midpoint) AS midpoints,
    SUM(video_third_quartile) AS third_quartiles,
    SUM(video_complete) AS completes,
    SUM(video_complete) / SUM(video_start) AS completion_rate,
    COUNT(DISTINCT user_id) AS viewers
FROM dsp_video_events_feed
GROUP BY campaign

-- One row per video impression; who gets to a quarter of it has been at every one before.
SELECT
    i.*,
    1 AS video_impression,
    CASE WHEN i.__event_no % 9 = 0 THEN 1 ELSE 0 END AS video_creative_view,
    CASE WHEN reached < 980 THEN 1 ELSE 0 END AS video_start,
    CASE WHEN reached < 890 THEN 1 ELSE 0 END AS video_first_quartile,
    CASE WHEN reached < 800 THEN 1 ELSE 0 END AS video_midpoint,
    CASE WHEN reached < 740 THEN 1 ELSE 0 END AS video_third_quartile,
    CASE WHEN reached < 690 THEN 1 ELSE 0 END AS video_complete,
    CASE WHEN reached < 690 AND habit < 6 THEN 1 ELSE 0 END AS video_replay,
    CASE WHEN reached < 980 AND i.__clicked THEN 1 ELSE 0 END AS video_click,
    CASE WHEN reached < 980 AND habit BETWEEN 10 AND 129 THEN 1 ELSE 0 END AS video_mute,
    CASE WHEN reached < 980 AND habit BETWEEN 10 AND 49 THEN 1 ELSE 0 END AS video_unmute,
    CASE WHEN reached < 980 AND habit BETWEEN 200 AND 259 THEN 1 ELSE 0 END AS video_pause,
    CASE WHEN reached < 890 AND habit BETWEEN 200 AND 239 THEN 1 ELSE 0 END AS video_resume,
    CASE WHEN reached < 980 AND habit BETWEEN 300 AND 304 THEN 1 ELSE 0 END AS video_skip_backward,
    CASE WHEN reached < 980 AND habit BETWEEN 305 AND 319 THEN 1 ELSE 0 END AS video_skip_forward
FROM (
    SELECT
        *,
        -- people watch more of it where they sit in front of a television
        drawn(__event_no, 50, 1000) * CASE WHEN device_type = 'TV' THEN 8 ELSE 10 END // 10 AS reached,
        drawn(__event_no, 51, 1000) AS habit
    FROM ({dsp_impressions})
    WHERE creative_category = 'Video'
) i

-- How many people were reached for the first time in each week of the window.
/*
key: net-new-reach-by-week
name: Net new reach by week
tags: [library, reach, time]
tables: [dsp_impressions]
*/
WITH first_seen AS (
    SELECT user_id, MIN(impression_date_utc) AS first_day
    FROM dsp_impressions
    WHERE user_id IS NOT NULL
    GROUP BY user_id
)
SELECT
    DATE_TRUNC('week', first_day) AS week,
    COUNT(DISTINCT user_id) AS new_reach
FROM first_seen
GROUP BY 1

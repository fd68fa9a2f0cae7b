-- How many orders each campaign helped with, beside those it closed itself.
/*
key: assisted-conversions
name: Assisted conversions
tags: [library, attribution]
tables: [dsp_impressions, amazon_attributed_events_by_conversion_time]
*/
WITH touches AS (
    SELECT user_id, campaign, MAX(impression_dt_utc) AS last_seen
    FROM dsp_impressions
    WHERE user_id IS NOT NULL
    GROUP BY user_id, campaign
),
closed AS (
    SELECT user_id, campaign, SUM(total_purchases) AS purchases
    FROM amazon_attributed_events_by_conversion_time
    WHERE user_id IS NOT NULL AND total_purchases > 0
    GROUP BY user_id, campaign
)
SELECT
    touches.campaign AS campaign,
    COUNT(DISTINCT IF(touches.campaign = closed.campaign, closed.user_id, NULL)) AS closed_buyers,
    COUNT(DISTINCT IF(touches.campaign <> closed.campaign, closed.user_id, NULL)) AS assisted_buyers
FROM touches
INNER JOIN closed ON touches.user_id = closed.user_id
GROUP BY touches.campaign

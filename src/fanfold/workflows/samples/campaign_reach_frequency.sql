-- How many people saw each campaign how often; who saw it more often than the cap counts as the cap.
WITH exposures AS (
    SELECT campaign, user_id, SUM(impressions) AS seen
    FROM dsp_impressions
    WHERE user_id IS NOT NULL
    GROUP BY campaign, user_id
),
bucketed AS (
    SELECT campaign, user_id, seen, LEAST(seen, CUSTOM_PARAMETER('frequency_cap')) AS frequency
    FROM exposures
)
SELECT
    campaign,
    frequency,
    COUNT(DISTINCT user_id) AS reach,
    SUM(seen) AS impressions
FROM bucketed
GROUP BY campaign, frequency

-- How many people each display campaign reached, by how often they saw it.
/*
key: campaign-reach-frequency
name: Campaign reach and frequency
tags: [sample, reach]
parameters:
  frequency_cap:
    type: INTEGER
    default: 10
    description: People who saw a campaign more often than this are counted here.
tables: [dsp_impressions]
*/
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

-- How many people saw all display campaigns together how often.
/*
key: frequency-distribution
name: Frequency distribution
tags: [library, reach]
parameters:
  frequency_cap:
    type: INTEGER
    default: 20
    description: Who saw more counts as this often.
tables: [dsp_impressions]
*/
WITH exposures AS (
    SELECT user_id, SUM(impressions) AS seen
    FROM dsp_impressions
    WHERE user_id IS NOT NULL
    GROUP BY user_id
)
SELECT
    LEAST(seen, CUSTOM_PARAMETER('frequency_cap')) AS frequency,
    COUNT(DISTINCT user_id) AS reach,
    SUM(seen) AS impressions
FROM exposures
GROUP BY 1

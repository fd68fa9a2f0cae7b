-- What is spent on people who saw a campaign more often than a cap would allow.
/*
key: cost-of-heavy-viewers
name: Cost of heavy viewers
tags: [library, cost, reach]
parameters:
  frequency_cap:
    type: INTEGER
    default: 10
    description: How often anybody should see a campaign.
tables: [dsp_impressions]
*/
WITH people AS (
    SELECT campaign, user_id, SUM(impressions) AS seen, SUM(total_cost) / 100000 AS cost
    FROM dsp_impressions
    WHERE user_id IS NOT NULL
    GROUP BY campaign, user_id
)
SELECT
    campaign,
    IF(seen > CUSTOM_PARAMETER('frequency_cap'), 'above the cap', 'within the cap') AS frequency,
    COUNT(DISTINCT user_id) AS people,
    SUM(seen) AS impressions,
    SUM(cost) AS cost
FROM people
GROUP BY 1, 2

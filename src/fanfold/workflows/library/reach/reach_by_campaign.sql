-- How many people each display campaign reached, and how often on average.
/*
key: reach-by-campaign
name: Reach by campaign
tags: [library, reach]
parameters:
  least_reach:
    type: INTEGER
    default: 2
    description: Campaigns that reached fewer people are left out.
tables: [dsp_impressions]
*/
SELECT
    campaign,
    SUM(impressions) AS impressions,
    COUNT(DISTINCT user_id) AS reach,
    SUM(impressions) / COUNT(DISTINCT user_id) AS average_frequency
FROM dsp_impressions
WHERE user_id IS NOT NULL
GROUP BY campaign
HAVING COUNT(DISTINCT user_id) >= CUSTOM_PARAMETER('least_reach')

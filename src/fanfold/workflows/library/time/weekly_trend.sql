-- How impressions, reach and cost of each display campaign develop week by week.
/*
key: weekly-trend
name: Weekly trend
tags: [library, time]
tables: [dsp_impressions]
*/
SELECT
    DATE_TRUNC('week', impression_date_utc) AS week,
    campaign,
    SUM(impressions) AS impressions,
    COUNT(DISTINCT user_id) AS reach,
    SUM(total_cost) / 100000 AS cost
FROM dsp_impressions
GROUP BY 1, 2

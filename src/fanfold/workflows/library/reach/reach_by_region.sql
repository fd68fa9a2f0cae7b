-- How many people were reached in each state or province, and what it cost.
/*
key: reach-by-region
name: Reach by region
tags: [library, reach, geography, cost]
tables: [dsp_impressions]
*/
SELECT
    iso_country_code,
    iso_state_province_code,
    SUM(impressions) AS impressions,
    COUNT(DISTINCT user_id) AS reach,
    SUM(total_cost) / 100000 AS cost
FROM dsp_impressions
GROUP BY iso_country_code, iso_state_province_code

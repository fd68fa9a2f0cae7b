-- How many people were reached on each kind of device and in which environment.
/*
key: reach-by-device
name: Reach by device
tags: [library, reach]
tables: [dsp_impressions]
*/
SELECT
    device_type,
    environment_type,
    SUM(impressions) AS impressions,
    COUNT(DISTINCT user_id) AS reach
FROM dsp_impressions
GROUP BY device_type, environment_type

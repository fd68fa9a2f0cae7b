-- How many people were reached on which mix of devices.
/*
key: device-overlap
name: Device overlap
tags: [library, overlap]
tables: [dsp_impressions]
*/
WITH people AS (
    SELECT user_id, ARRAY_SORT(COLLECT(DISTINCT device_type)) AS devices, SUM(impressions) AS impressions
    FROM dsp_impressions
    WHERE user_id IS NOT NULL AND device_type IS NOT NULL
    GROUP BY user_id
)
SELECT
    ARRAY_TO_STRING(devices, ' + ') AS devices,
    CARDINALITY(devices) AS device_count,
    COUNT(DISTINCT user_id) AS reach,
    SUM(impressions) AS impressions
FROM people
GROUP BY 1, 2

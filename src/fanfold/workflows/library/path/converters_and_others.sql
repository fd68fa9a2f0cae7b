-- How those who bought were met, beside those who did not: devices, frequency, clicks.
/*
key: converters-and-others
name: Converters beside the others
tags: [library, path]
tables: [dsp_impressions, conversions]
*/
WITH exposures AS (
    SELECT user_id, SUM(impressions) AS impressions, COUNT(DISTINCT campaign) AS campaigns,
        COUNT(DISTINCT device_type) AS devices
    FROM dsp_impressions
    WHERE user_id IS NOT NULL
    GROUP BY user_id
),
buyers AS (
    SELECT user_id FROM conversions WHERE event_subtype = 'order' AND user_id IS NOT NULL GROUP BY user_id
)
SELECT
    IF(buyers.user_id IS NULL, 'did not buy', 'bought') AS outcome,
    COUNT(DISTINCT exposures.user_id) AS people,
    AVG(exposures.impressions) AS average_impressions,
    AVG(exposures.campaigns) AS average_campaigns,
    AVG(exposures.devices) AS average_devices
FROM exposures
LEFT JOIN buyers ON exposures.user_id = buyers.user_id
GROUP BY 1

-- At which hours of a time zone of your choice display advertisements are seen.
/*
key: local-hour-of-impressions
name: Impressions by local hour
tags: [library, time]
parameters:
  time_zone:
    type: STRING
    default: America/New_York
    description: Name of the time zone.
tables: [dsp_impressions]
*/
SELECT
    HOUR(CONVERT_TIME_ZONE_FROM_UTC(impression_dt_hour_utc, CUSTOM_PARAMETER('time_zone'))) AS local_hour,
    SUM(impressions) AS impressions,
    COUNT(DISTINCT user_id) AS reach
FROM dsp_impressions
GROUP BY 1

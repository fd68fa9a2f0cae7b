-- What each campaign earned if an advertisement counts half after every so many days.
/*
key: time-decay-attribution
name: Time-decay attribution
tags: [library, attribution]
parameters:
  half_life_days:
    type: DOUBLE
    default: 7
    description: After so many days an advertisement counts half.
tables: [dsp_impressions, conversions]
*/
WITH touches AS (
    SELECT user_id, campaign, impression_dt_utc AS touched_at
    FROM TABLE(EXTEND_TIME_WINDOW('dsp_impressions', 'P14D', 'P0D')) AS impressions
    WHERE user_id IS NOT NULL
),
decayed AS (
    SELECT
        touches.campaign,
        conversions.user_id,
        conversions.conversion_id,
        conversions.total_product_sales AS sales,
        POWER(
            0.5,
            SECONDS_BETWEEN(touches.touched_at, conversions.event_dt_utc)
            / 86400 / CUSTOM_PARAMETER('half_life_days')
        ) AS weight
    FROM conversions
    INNER JOIN touches ON conversions.user_id = touches.user_id
    WHERE conversions.event_subtype = 'order' AND touches.touched_at <= conversions.event_dt_utc
),
shared AS (
    SELECT
        campaign,
        user_id,
        sales,
        weight / SUM(weight) OVER (PARTITION BY conversion_id) AS share
    FROM decayed
)
SELECT
    campaign,
    COUNT(DISTINCT user_id) AS buyers,
    SUM(share) AS orders,
    SUM(share * sales) AS sales
FROM shared
GROUP BY campaign

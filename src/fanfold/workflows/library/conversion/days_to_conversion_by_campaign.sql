-- How many calendar days lie between advertisement and purchase, by campaign.
/*
key: days-to-conversion-by-campaign
name: Days to conversion by campaign
tags: [library, conversion, time]
parameters:
  longest_days:
    type: INTEGER
    default: 14
    description: Later purchases count as this late.
tables: [amazon_attributed_events_by_traffic_time]
*/
WITH purchased AS (
    SELECT
        campaign,
        user_id,
        SECONDS_BETWEEN(traffic_event_date_utc, conversion_event_date_utc) / 86400 AS days,
        total_purchases
    FROM amazon_attributed_events_by_traffic_time
    WHERE total_purchases > 0
)
SELECT
    campaign,
    LEAST(CAST(days AS INTEGER), CUSTOM_PARAMETER('longest_days')) AS days,
    COUNT(DISTINCT user_id) AS buyers,
    SUM(total_purchases) AS purchases
FROM purchased
GROUP BY 1, 2

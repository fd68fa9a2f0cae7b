-- How many orders came from people who were reached within so many weeks before the window as well.
/*
key: conversions-with-a-longer-look-back
name: Conversions with a longer look-back
tags: [library, conversion, time]
tables: [dsp_impressions, conversions]
*/
WITH reached AS (
    SELECT user_id, MAX(impression_dt_utc) AS last_seen
    FROM TABLE(EXTEND_TIME_WINDOW('dsp_impressions', 'P28D', 'P0D')) AS impressions
    WHERE user_id IS NOT NULL
    GROUP BY user_id
)
SELECT
    COUNT(DISTINCT conversions.user_id) AS buyers,
    SUM(conversions.conversions) AS orders,
    SUM(conversions.total_product_sales) AS sales
FROM conversions
INNER JOIN reached ON conversions.user_id = reached.user_id
WHERE conversions.event_subtype = 'order' AND reached.last_seen <= conversions.event_dt_utc

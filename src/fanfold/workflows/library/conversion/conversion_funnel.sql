-- How many people went from advertisement to detail page, to cart, to purchase.
/*
key: conversion-funnel
name: Conversion funnel
tags: [library, conversion]
tables: [amazon_attributed_events_by_traffic_time]
*/
WITH people AS (
    SELECT
        campaign,
        user_id,
        MAX(IF(total_detail_page_view > 0, 1, 0)) AS viewed,
        MAX(IF(total_add_to_cart > 0, 1, 0)) AS added,
        MAX(IF(total_purchases > 0, 1, 0)) AS bought
    FROM amazon_attributed_events_by_traffic_time
    WHERE user_id IS NOT NULL
    GROUP BY campaign, user_id
)
SELECT
    campaign,
    COUNT(DISTINCT user_id) AS people,
    SUM(viewed) AS viewed_the_page,
    SUM(added) AS added_to_cart,
    SUM(bought) AS bought,
    SUM(bought) / COUNT(DISTINCT user_id) AS purchase_rate
FROM people
GROUP BY campaign

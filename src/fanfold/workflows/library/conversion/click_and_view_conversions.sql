-- How purchases and sales split between those after a click and those after a view.
/*
key: click-and-view-conversions
name: Conversions after clicks and views
tags: [library, conversion, attribution]
tables: [amazon_attributed_events_by_traffic_time]
*/
SELECT
    campaign,
    SUM(total_purchases_clicks) AS purchases_after_clicks,
    SUM(total_purchases_views) AS purchases_after_views,
    SUM(total_product_sales_clicks) AS sales_after_clicks,
    SUM(total_product_sales_views) AS sales_after_views
FROM amazon_attributed_events_by_traffic_time
GROUP BY campaign

-- How many purchases of each campaign were a first one from the brand.
/*
key: new-to-brand-by-campaign
name: New to brand by campaign
tags: [library, new_to_brand]
tables: [amazon_attributed_events_by_traffic_time]
*/
SELECT
    campaign,
    SUM(total_purchases) AS purchases,
    SUM(new_to_brand_total_purchases) AS new_to_brand_purchases,
    SUM(new_to_brand_total_purchases) / SUM(total_purchases) AS new_to_brand_share,
    SUM(new_to_brand_total_product_sales) AS new_to_brand_sales
FROM amazon_attributed_events_by_traffic_time
GROUP BY campaign
HAVING SUM(total_purchases) > 0

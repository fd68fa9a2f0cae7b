-- How many people bought from the brand for the first time in each month.
/*
key: new-to-brand-customers-by-month
name: New customers by month
tags: [library, new_to_brand, time]
tables: [amazon_attributed_events_by_conversion_time]
*/
SELECT
    DATE_TRUNC('month', conversion_event_date_utc) AS month,
    COUNT(DISTINCT user_id) AS new_customers,
    SUM(new_to_brand_total_units_sold) AS units,
    SUM(new_to_brand_total_product_sales) AS sales
FROM amazon_attributed_events_by_conversion_time
WHERE new_to_brand_total_purchases > 0
GROUP BY 1

-- What was spent on each search and what was bought because of it.
/*
key: search-terms-and-sales
name: Search terms and sales
tags: [library, search, conversion]
tables: [sponsored_ads_traffic, amazon_attributed_events_by_traffic_time]
*/
WITH activity AS (
    SELECT
        customer_search_term,
        SUM(clicks) AS clicks,
        SUM(spend) / 100000000 AS cost,
        0 AS purchases,
        0 AS sales
    FROM sponsored_ads_traffic
    GROUP BY customer_search_term
    UNION ALL
    SELECT
        customer_search_term,
        0 AS clicks,
        0 AS cost,
        SUM(total_purchases) AS purchases,
        SUM(total_product_sales) AS sales
    FROM amazon_attributed_events_by_traffic_time
    GROUP BY customer_search_term
)
SELECT
    customer_search_term AS search_term,
    SUM(clicks) AS clicks,
    SUM(cost) AS cost,
    SUM(purchases) AS purchases,
    SUM(sales) AS sales
FROM activity
WHERE customer_search_term IS NOT NULL
GROUP BY customer_search_term

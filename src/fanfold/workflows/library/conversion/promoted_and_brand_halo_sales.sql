-- Which part of the sales came from the promoted products, and which from others of the brand.
/*
key: promoted-and-brand-halo-sales
name: Promoted and brand halo sales
tags: [library, conversion, product]
tables: [amazon_attributed_events_by_traffic_time]
*/
SELECT
    campaign,
    SUM(product_sales) AS promoted_sales,
    SUM(brand_halo_product_sales) AS brand_halo_sales,
    SUM(total_product_sales) AS total_sales,
    SUM(brand_halo_product_sales) / SUM(total_product_sales) AS brand_halo_share
FROM amazon_attributed_events_by_traffic_time
GROUP BY campaign
HAVING SUM(total_product_sales) > 0

-- How searches for the brand compare with all others.
/*
key: brand-and-generic-searches
name: Brand and generic searches
tags: [library, search]
parameters:
  brand_pattern:
    type: STRING
    default: brand
    description: Regular expression that the brand's searches match, in lower case.
tables: [sponsored_ads_traffic]
*/
SELECT
    IF(
        LOWER(customer_search_term) SIMILAR TO CUSTOM_PARAMETER('brand_pattern'), 'brand', 'generic'
    ) AS search_kind,
    ad_product_type,
    SUM(impressions) AS impressions,
    SUM(clicks) AS clicks,
    SUM(spend) / 100000000 AS cost,
    COUNT(DISTINCT user_id) AS people
FROM sponsored_ads_traffic
WHERE customer_search_term IS NOT NULL
GROUP BY 1, 2

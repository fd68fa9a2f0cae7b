-- How searches for the brand compare with all others.
SELECT CASE WHEN contains(lower(customer_search_term), 'brand') THEN 'brand' ELSE 'generic' END, ad_product_type,
    count(*) FILTER (NOT is_click), count(*) FILTER (is_click), sum(microcents) * 1e-8, count(DISTINCT user_no)
FROM traffic WHERE customer_search_term IS NOT NULL GROUP BY ALL

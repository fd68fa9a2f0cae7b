-- How many people each mix of sponsored ad products reached, and what it cost.
SELECT products, count(*), sum(shown), sum(clicks), sum(microcents) * 1e-8
FROM (
    SELECT user_no, string_agg(DISTINCT ad_product_type, ' + ' ORDER BY ad_product_type) AS products,
        count(*) FILTER (NOT is_click) AS shown, count(*) FILTER (is_click) AS clicks, sum(microcents) AS microcents
    FROM traffic WHERE user_no IS NOT NULL GROUP BY 1
)
GROUP BY 1

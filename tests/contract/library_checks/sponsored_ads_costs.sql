-- What sponsored campaigns cost, per click and per thousand impressions.
SELECT ad_product_type, campaign, count(*) FILTER (NOT is_click), count(*) FILTER (is_click), sum(microcents) * 1e-8,
    avg(microcents) FILTER (is_click) * 1e-8, count(*) FILTER (is_click) / count(*) FILTER (NOT is_click)
FROM traffic GROUP BY ALL

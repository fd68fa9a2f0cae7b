-- How targets of each match type do: clicks, cost, price per click.
SELECT ad_product_type, match_type, count(*) FILTER (NOT is_click), count(*) FILTER (is_click),
    sum(microcents) / 1e8, avg(microcents) FILTER (is_click) / 1e8
FROM traffic GROUP BY 1, 2

-- What was spent on each search and what was bought because of it.
SELECT term, clicks, cost, coalesce(orders, 0), coalesce(sales, 0)
FROM (SELECT customer_search_term AS term, count(*) FILTER (is_click) AS clicks, sum(microcents) * 1e-8 AS cost
    FROM traffic WHERE customer_search_term IS NOT NULL GROUP BY 1)
LEFT JOIN (SELECT term, count(*) FILTER (step_no = 2) AS orders, sum(sales) AS sales FROM earned
    WHERE inside(touch_ts) GROUP BY 1) USING (term)

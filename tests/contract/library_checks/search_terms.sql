-- Which searches sponsored ads answered, with clicks and cost.
SELECT customer_search_term, count(*) FILTER (NOT is_click), count(*) FILTER (is_click), sum(microcents) * 1e-8,
    count(DISTINCT user_no)
FROM traffic WHERE customer_search_term IS NOT NULL GROUP BY 1

-- Which part of the sales came from the promoted products, and which from others of the brand.
SELECT campaign, coalesce(sum(sales) FILTER (promoted), 0), coalesce(sum(sales) FILTER (NOT promoted), 0), sum(sales),
    coalesce(sum(sales) FILTER (NOT promoted), 0) / sum(sales)
FROM earned WHERE inside(touch_ts) GROUP BY 1 HAVING count(*) FILTER (step_no = 2) > 0

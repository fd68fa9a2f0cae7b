-- How purchases and sales split between those after a click and those after a view.
SELECT campaign, count(*) FILTER (step_no = 2 AND touch_clicked), count(*) FILTER (step_no = 2 AND NOT touch_clicked),
    coalesce(sum(sales) FILTER (touch_clicked), 0), coalesce(sum(sales) FILTER (NOT touch_clicked), 0)
FROM earned WHERE inside(touch_ts) GROUP BY 1

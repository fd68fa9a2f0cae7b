-- At which hours of the day advertisements are seen and lead to purchases.
SELECT h, times, coalesce(orders, 0), coalesce(sales, 0)
FROM (SELECT hour(ts) AS h, count(*) AS times FROM met GROUP BY 1)
LEFT JOIN (SELECT hour(touch_ts) AS h, count(*) FILTER (step_no = 2) AS orders, sum(sales) AS sales FROM earned
    WHERE inside(touch_ts) GROUP BY 1) USING (h)

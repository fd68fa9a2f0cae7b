-- How many people went from advertisement to detail page, to cart, to purchase.
SELECT campaign, count(DISTINCT user_no), count(DISTINCT user_no) FILTER (step_no = 0),
    count(DISTINCT user_no) FILTER (step_no = 1), count(DISTINCT user_no) FILTER (step_no = 2),
    count(DISTINCT user_no) FILTER (step_no = 2) / count(DISTINCT user_no)
FROM earned WHERE inside(touch_ts) AND user_no IS NOT NULL GROUP BY 1

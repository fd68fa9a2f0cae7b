-- How many purchases of each campaign were a first one from the brand.
SELECT campaign, count(*), count(*) FILTER (new_to_brand), avg(new_to_brand::INT),
    coalesce(sum(sales) FILTER (new_to_brand), 0)
FROM earned WHERE step_no = 2 AND inside(touch_ts) GROUP BY 1

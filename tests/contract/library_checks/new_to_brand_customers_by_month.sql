-- How many people bought from the brand for the first time in each month.
SELECT make_date(year(ts), month(ts), 1), count(DISTINCT user_no), sum(units), sum(sales)
FROM earned WHERE new_to_brand AND inside(ts) GROUP BY 1

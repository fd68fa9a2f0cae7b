-- What was ordered after advertising: units, sales and average order value by ASIN.
SELECT asin, count(DISTINCT user_no), count(*), sum(units), sum(price), avg(price) FROM ordered GROUP BY 1

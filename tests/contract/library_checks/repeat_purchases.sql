-- How many people ordered once, twice and more often, and what they spent.
SELECT least(orders, 5), count(*), sum(sales), avg(sales)
FROM (SELECT user_no, count(*) AS orders, sum(price) AS sales FROM ordered GROUP BY 1) GROUP BY 1

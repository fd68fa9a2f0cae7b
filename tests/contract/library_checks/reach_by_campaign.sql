-- How many people each display campaign reached, and how often on average.
SELECT campaign, sum(times), count(*), avg(times)
FROM (SELECT campaign, user_no, count(*) AS times FROM met WHERE user_no >= 0 GROUP BY ALL)
GROUP BY 1 HAVING count(*) >= 2

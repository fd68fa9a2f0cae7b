-- How many people saw all display campaigns together how often.
SELECT least(times, 20), count(*), sum(times)
FROM (SELECT DISTINCT user_no, count(*) OVER (PARTITION BY user_no) AS times FROM met WHERE user_no >= 0)
GROUP BY 1

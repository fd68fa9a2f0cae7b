-- How many people were reached for the first time in each week of the window.
SELECT CAST(ts AS DATE) - CAST(isodow(ts) - 1 AS INT), count(*)
FROM (SELECT ts, row_number() OVER (PARTITION BY user_no ORDER BY ts) AS place FROM met WHERE user_no >= 0)
WHERE place = 1
GROUP BY 1

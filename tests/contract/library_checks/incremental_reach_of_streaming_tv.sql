-- How many people video alone reached, display alone, and both.
SELECT CASE len(kinds) WHEN 2 THEN 'video and display' ELSE lower(kinds[1]) || ' only' END, count(*), sum(times)
FROM (SELECT user_no, list_distinct(list(category)) AS kinds, count(*) AS times FROM met
    WHERE user_no IS NOT NULL GROUP BY 1)
GROUP BY 1

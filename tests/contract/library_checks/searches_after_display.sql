-- Whether people who saw display ads search and click more than others.
SELECT CASE WHEN user_no IN (SELECT user_no FROM met WHERE user_no IS NOT NULL) THEN 'saw display'
    ELSE 'did not see display' END, count(DISTINCT user_no), count(*) FILTER (NOT is_click), count(*) FILTER (is_click),
    count(*) FILTER (is_click) / count(DISTINCT user_no)
FROM traffic WHERE user_no IS NOT NULL GROUP BY 1

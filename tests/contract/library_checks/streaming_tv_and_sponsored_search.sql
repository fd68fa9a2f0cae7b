-- Whether people who saw video ads click sponsored ads and buy more often.
SELECT CASE WHEN user_no IN (SELECT user_no FROM met WHERE category = 'Video' AND user_no IS NOT NULL) THEN 'saw video'
    ELSE 'did not see video' END, count(*), sum(clicks), count(*) FILTER (user_no IN (SELECT user_no FROM ordered)),
    avg((user_no IN (SELECT user_no FROM ordered))::INT)
FROM (SELECT user_no, count(*) FILTER (is_click) AS clicks FROM traffic WHERE user_no IS NOT NULL GROUP BY 1) GROUP BY 1

-- How many people display and sponsored ads reached alone and together, and who of them bought.
SELECT CASE WHEN m.user_no IS NULL THEN 'sponsored ads only' WHEN t.user_no IS NULL THEN 'display only' ELSE 'both' END,
    count(*), count(o.user_no), count(o.user_no) / count(*), coalesce(sum(o.sales), 0)
FROM (SELECT DISTINCT user_no FROM met WHERE user_no IS NOT NULL) m
FULL JOIN (SELECT DISTINCT user_no FROM traffic WHERE user_no IS NOT NULL) t USING (user_no)
LEFT JOIN (SELECT user_no, sum(price) AS sales FROM ordered GROUP BY 1) o ON o.user_no = coalesce(m.user_no, t.user_no)
GROUP BY 1

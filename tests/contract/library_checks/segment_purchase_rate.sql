-- Which audience segments buy, and how much more often than everybody reached.
SELECT segment_name, count(*), count(sales), count(sales) / count(*), coalesce(sum(sales), 0)
FROM member JOIN segment USING (segment_id)
LEFT JOIN (SELECT user_no, sum(price) AS sales FROM ordered GROUP BY 1) USING (user_no)
WHERE user_no IN (SELECT user_no FROM met WHERE user_no IS NOT NULL) GROUP BY 1

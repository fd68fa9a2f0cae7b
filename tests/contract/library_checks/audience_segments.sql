-- Which audience segments the people behind the impressions belong to.
SELECT segment_name, count(*), count(DISTINCT user_no), sum(millicents) * 1.14e-5
FROM met JOIN member USING (user_no) JOIN segment USING (segment_id) GROUP BY 1 HAVING count(DISTINCT user_no) >= 100

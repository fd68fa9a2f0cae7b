-- How many people two in-market segments have in common.
SELECT least(a, b), greatest(a, b), count(*)
FROM (
    SELECT x.user_no, x.segment_name AS a, y.segment_name AS b
    FROM (FROM member JOIN segment USING (segment_id)) x JOIN (FROM member JOIN segment USING (segment_id)) y
        ON x.user_no = y.user_no AND x.theme_no < y.theme_no AND y.class = 'In-Market' AND x.class = 'In-Market'
)
GROUP BY ALL

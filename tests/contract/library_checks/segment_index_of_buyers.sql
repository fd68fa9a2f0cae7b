-- Which in-market segments buyers belong to more often than the people who were reached.
SELECT segment_name, count(*) FILTER (saw), count(*) FILTER (bought), count(*) FILTER (bought) / count(*) FILTER (saw)
FROM (
    SELECT segment_name, user_no IN (SELECT user_no FROM met WHERE user_no IS NOT NULL) AS saw,
        user_no IN (SELECT user_no FROM ordered) AS bought
    FROM member JOIN segment USING (segment_id) WHERE class = 'In-Market'
)
GROUP BY 1

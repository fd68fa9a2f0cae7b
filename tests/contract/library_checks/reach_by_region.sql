-- How many people were reached in each state or province, and what it cost.
SELECT (SELECT country FROM market), iso_state_province_code, count(*), count(DISTINCT user_no), sum(millicents) * 1.14e-5
FROM met LEFT JOIN person USING (user_no) GROUP BY ALL

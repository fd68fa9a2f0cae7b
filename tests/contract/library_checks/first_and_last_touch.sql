-- Which campaigns open paths to an order and which close them.
WITH buyer AS (
    SELECT user_no, arg_min(campaign, ts) AS first, arg_max(campaign, ts) AS last
    FROM met WHERE user_no IN (SELECT user_no FROM ordered) GROUP BY 1
)
SELECT campaign, count(DISTINCT user_no) FILTER (campaign = first), count(DISTINCT user_no) FILTER (campaign = last),
    count(DISTINCT user_no)
FROM met JOIN buyer USING (user_no) GROUP BY 1

-- How many advertisements people met before their first order, and what they bought.
SELECT least(length, 20), count(*), sum(sales)
FROM (
    SELECT o.user_no, o.sales, (SELECT count(*) FROM met m WHERE m.user_no = o.user_no AND m.ts <= o.first) AS length
    FROM (SELECT user_no, min(ts) AS first, sum(price) AS sales FROM ordered GROUP BY 1) o
)
WHERE length > 0 GROUP BY 1

-- How long after the advertisement that earned it a purchase came.
SELECT (['1 | in the same hour', '2 | within a day', '3 | within three days', '4 | within a week', '5 | later'])[
        1 + (hours >= 1)::INT + (hours >= 24)::INT + (hours >= 72)::INT + (hours >= 168)::INT],
    count(DISTINCT user_no), count(*), sum(sales)
FROM (SELECT *, epoch(ts)::BIGINT // 3600 AS late, date_diff('hour', touch_ts, ts) AS hours FROM earned)
WHERE step_no = 2 AND inside(ts) GROUP BY 1

-- At which frequency people buy: the share of buyers among those who saw a campaign that often.
SELECT campaign, least(times, 15), count(*), count(orders), count(orders) / count(*), coalesce(sum(orders), 0),
    coalesce(sum(sales), 0)
FROM (SELECT campaign, user_no, count(*) AS times FROM met WHERE user_no IS NOT NULL GROUP BY ALL)
LEFT JOIN (SELECT campaign, user_no, count(*) AS orders, sum(sales) AS sales FROM earned
    WHERE step_no = 2 AND inside(touch_ts) GROUP BY ALL) USING (campaign, user_no)
GROUP BY ALL

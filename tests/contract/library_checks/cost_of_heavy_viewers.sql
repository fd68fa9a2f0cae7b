-- What is spent on people who saw a campaign more often than a cap would allow.
SELECT campaign, (['within the cap', 'above the cap'])[1 + (times > 10)::INT], count(*), sum(times), sum(millicents) * 1.14e-5
FROM (SELECT campaign, user_no, count(*) AS times, sum(millicents) AS millicents FROM met
    WHERE user_no IS NOT NULL GROUP BY ALL)
GROUP BY ALL

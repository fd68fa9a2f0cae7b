-- How those who bought were met, beside those who did not: devices, frequency, clicks.
SELECT CASE WHEN user_no IN (SELECT user_no FROM ordered) THEN 'bought' ELSE 'did not buy' END, count(*), avg(times),
    avg(campaigns), avg(devices)
FROM (SELECT user_no, count(*) AS times, len(list_distinct(list(campaign))) AS campaigns,
    len(list_distinct(list(device))) AS devices FROM met WHERE user_no IS NOT NULL GROUP BY 1)
GROUP BY 1

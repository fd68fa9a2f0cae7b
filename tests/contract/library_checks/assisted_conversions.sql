-- How many orders each campaign helped with, beside those it closed itself.
SELECT m.campaign, count(DISTINCT CASE WHEN e.campaign = m.campaign THEN e.user_no END),
    count(DISTINCT CASE WHEN e.campaign != m.campaign THEN e.user_no END)
FROM earned e, met m
WHERE e.user_no = m.user_no AND e.step_no = 2 AND inside(e.ts)
GROUP BY ALL

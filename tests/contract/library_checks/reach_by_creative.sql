-- How many people saw each creative, how many clicked, and the click-through rate.
SELECT campaign, creative, count(*) FILTER (inside(ts)), count(*) FILTER (clicked AND inside(click_ts)),
    count(*) FILTER (clicked AND inside(click_ts)) / count(*) FILTER (inside(ts)), count(DISTINCT user_no)
FROM seen WHERE inside(ts) OR (clicked AND inside(click_ts)) GROUP BY ALL

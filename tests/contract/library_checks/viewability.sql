-- Which part of the impressions could be measured and was viewed.
SELECT campaign, count(*) FILTER (inside(ts + INTERVAL 1 SECOND)), count(*) FILTER (viewed),
    count(*) FILTER (viewed) / count(*) FILTER (inside(ts + INTERVAL 1 SECOND))
FROM (
    SELECT *, drawn(event_no, 60, 100) AS place,
        place < CASE WHEN event_no % 5 < 3 THEN 76 ELSE 49 END AND inside(ts + INTERVAL 2 SECOND) AS viewed
    FROM seen
)
WHERE place < 91 AND (inside(ts + INTERVAL 1 SECOND) OR inside(ts + INTERVAL 2 SECOND)) GROUP BY 1

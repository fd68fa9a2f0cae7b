-- How far people watch video advertisements: starts, quarters and completions.
SELECT campaign, sum(n) FILTER (r < 980), sum(n) FILTER (r < 890), sum(n) FILTER (r < 800), sum(n) FILTER (r < 740),
    sum(n) FILTER (r < 690), sum(n) FILTER (r < 690) / sum(n) FILTER (r < 980), any_value(people)
FROM (
    SELECT campaign, drawn(event_no, 50, 1000) * CASE device WHEN 'TV' THEN 8 ELSE 10 END // 10 AS r, count(*) AS n
    FROM met WHERE category = 'Video' GROUP BY ALL
)
JOIN (SELECT campaign, count(DISTINCT user_no) AS people FROM met GROUP BY 1) USING (campaign)
GROUP BY 1

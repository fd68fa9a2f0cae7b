-- How many people each mix of display, video and sponsored ads reached.
SELECT concat_ws(' + ', display, sponsored, video), len(list_filter([display, sponsored, video], lambda name: name IS NOT NULL)),
    count(*)
FROM (
    SELECT user_no, max(name) FILTER (name = 'display') AS display, max(name) FILTER (name = 'sponsored') AS sponsored,
        max(name) FILTER (name = 'video') AS video
    FROM (SELECT user_no, CASE category WHEN 'Video' THEN 'video' ELSE 'display' END AS name FROM met
        UNION ALL SELECT user_no, 'sponsored' FROM traffic)
    WHERE user_no >= 0 GROUP BY 1
)
GROUP BY 1, 2

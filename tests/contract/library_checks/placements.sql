-- Where on the page sponsored ads were shown, with clicks and cost.
SELECT placement_type, shown, clicks, clicks / shown, cost, people
FROM (
    SELECT p.placement_type, sum(CAST(inside(e.ts) AS INT)) AS shown,
        sum(CAST(e.clicked AND inside(e.click_ts) AS INT)) AS clicks,
        sum(CASE WHEN e.clicked AND inside(e.click_ts) THEN l.cpc_microcents * e.cost_percent // 100 ELSE 0 END) / 1e8 AS cost,
        count(DISTINCT CASE WHEN inside(e.ts) OR (e.clicked AND inside(e.click_ts)) THEN e.user_no END) AS people
    FROM sponsored_event e, sponsored_line l, placement p
    WHERE l.line_no = e.line_no AND p.placement_no = e.placement_no
    GROUP BY 1
)

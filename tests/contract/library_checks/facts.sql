-- What the checks read: the simulator's stored facts with their names, in plain SQL; nothing of AMC's tables.
CREATE TEMP MACRO inside(moment) AS moment >= TIMESTAMP '{start}' AND moment < TIMESTAMP '{end}';
CREATE TEMP VIEW seen AS
SELECT
    e.user_no, e.ts, e.event_no, e.creative_no, e.clicked, e.click_ts,
    l.campaign, l.line_item || ' v' || (e.creative_no + 1) AS creative, l.creative_category AS category, l.aim,
    coalesce(l.only_device, d.device_type) AS device, d.environment_type AS environment, s.site, s.supply_source,
    (l.cpm_millicents * e.cost_percent) // 100 AS millicents
FROM dsp_event e, dsp_line l, device d, site s
WHERE l.line_no = e.line_no AND d.device_no = e.device_no AND s.site_no = e.site_no;
CREATE TEMP VIEW met AS SELECT * FROM seen WHERE inside(ts);
CREATE TEMP VIEW ad AS
SELECT e.user_no, e.ts, FALSE AS is_click, 0 AS microcents, l.* EXCLUDE (brand_no, product_no)
FROM sponsored_event e, sponsored_line l WHERE l.line_no = e.line_no
UNION ALL
SELECT e.user_no, e.click_ts, TRUE, (l.cpc_microcents * e.cost_percent) // 100, l.* EXCLUDE (brand_no, product_no)
FROM sponsored_event e, sponsored_line l WHERE l.line_no = e.line_no AND e.clicked;
CREATE TEMP VIEW traffic AS SELECT * FROM ad WHERE inside(ts);
CREATE TEMP VIEW did AS
SELECT c.*, p.asin, p.price_cents * c.units / 100 AS price, s.event_subtype AS what, s.event_category AS category
FROM conversion c, product p, step s
WHERE p.product_no = c.product_no AND s.step_no = c.step_no AND inside(c.ts);
CREATE TEMP VIEW ordered AS SELECT * FROM did WHERE exposed AND what = 'order';
CREATE TEMP VIEW earned AS
SELECT
    c.* EXCLUDE (user_no), CASE WHEN c.conversion_no % 97 >= 3 THEN c.user_no END AS user_no,
    coalesce(d.campaign, s.campaign) AS campaign, d.campaign IS NOT NULL AS is_dsp,
    CASE WHEN c.conversion_no % 97 >= 3 THEN s.customer_search_term END AS term,
    CASE WHEN c.step_no = 2 THEN p.price_cents * c.units / 100 ELSE 0 END AS sales,
    CASE WHEN d.campaign IS NULL THEN s.product_no = c.product_no ELSE c.product_no % 8 < 5 END AS promoted
FROM conversion c
JOIN product p USING (product_no)
LEFT JOIN dsp_line d ON d.line_no = c.dsp_line_no
LEFT JOIN sponsored_line s ON s.line_no = c.sponsored_line_no
WHERE c.touch_no IS NOT NULL;
CREATE TEMP VIEW member AS SELECT user_no, unnest(segment_ids) AS segment_id FROM person;
CREATE TEMP VIEW touch AS
SELECT user_no, ts, campaign FROM seen WHERE inside(ts + INTERVAL 14 DAY) OR inside(ts)
UNION ALL
SELECT user_no, ts, campaign FROM ad WHERE is_click AND (inside(ts + INTERVAL 14 DAY) OR inside(ts));
CREATE TEMP VIEW journey AS
SELECT o.conversion_no, any_value(o.user_no) AS user_no, any_value(o.price) AS price,
    list(t.campaign ORDER BY t.ts) AS campaigns
FROM ordered o, touch t
WHERE t.user_no = o.user_no AND t.ts <= o.ts
GROUP BY o.conversion_no;

-- Every impression and every click that can earn a conversion.
CREATE TABLE touch AS
SELECT row_number() OVER (ORDER BY ts, channel, clicked, event_no) AS touch_no, * FROM (
    SELECT 'dsp' AS channel, FALSE AS clicked, event_no, user_no, brand_no, ts, line_no, device_no, creative_no, site_no,
        NULL AS placement_no, cost_percent FROM dsp_event
    UNION ALL
    SELECT 'dsp', TRUE, event_no, user_no, brand_no, click_ts, line_no, device_no, creative_no, site_no, NULL, cost_percent
    FROM dsp_event WHERE clicked
    UNION ALL
    SELECT 'sponsored', FALSE, event_no, user_no, brand_no, ts, line_no, device_no, NULL, NULL, placement_no, cost_percent
    FROM sponsored_event
    UNION ALL
    SELECT 'sponsored', TRUE, event_no, user_no, brand_no, click_ts, line_no, device_no, NULL, NULL, placement_no, cost_percent
    FROM sponsored_event WHERE clicked
)
WHERE user_no IS NOT NULL

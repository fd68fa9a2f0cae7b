-- Sponsored ads impressions as they are stored; nobody is NULL.
SELECT
    CAST(event_no AS BIGINT) AS event_no,
    make_timestamp(ts) AS ts,
    nullif(user_no, -1) AS user_no,
    CAST(brand_no AS INTEGER) AS brand_no,
    CAST(line_no AS INTEGER) AS line_no,
    CAST(placement_no AS INTEGER) AS placement_no,
    CAST(device_no AS INTEGER) AS device_no,
    CAST(cost_percent AS INTEGER) AS cost_percent,
    clicked,
    make_timestamp(click_ts) AS click_ts
FROM loaded

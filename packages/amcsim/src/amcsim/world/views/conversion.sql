-- What people did, once each, in the order of time; with what they had met before, and what earned it.
SELECT
    conversion_no,
    CAST(step_no AS INTEGER) AS step_no,
    make_timestamp(ts) AS ts,
    user_no,
    CAST(brand_no AS INTEGER) AS brand_no,
    CAST(product_no AS INTEGER) AS product_no,
    CAST(units AS INTEGER) AS units,
    new_to_brand,
    exposed,
    nullif(touch_no, -1) AS touch_no,
    make_timestamp(nullif(touch_ts, -1)) AS touch_ts,
    touch_clicked,
    CAST(nullif(dsp_line_no, -1) AS INTEGER) AS dsp_line_no,
    CAST(nullif(sponsored_line_no, -1) AS INTEGER) AS sponsored_line_no,
    CAST(nullif(creative_no, -1) AS INTEGER) AS creative_no,
    CAST(nullif(site_no, -1) AS INTEGER) AS site_no,
    CAST(nullif(device_no, -1) AS INTEGER) AS device_no,
    CAST(nullif(placement_no, -1) AS INTEGER) AS placement_no
FROM loaded

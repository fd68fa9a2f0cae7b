-- The people of an instance: an opaque id, and where they live; the first places hold most of them.
CREATE TABLE person AS
SELECT
    user_no,
    printf('%016x', code) AS user_id,
    CASE kind_no WHEN 0 THEN 'adUserId' WHEN 1 THEN 'sisDeviceId' ELSE 'adBrowserId' END AS user_id_type,
    market.country || '-' || chr(CAST(65 + place_no % 6 AS INTEGER)) || chr(CAST(75 + place_no % 5 AS INTEGER))
        AS iso_state_province_code,
    'City ' || (place_no + 1) AS city_name,
    CAST(10000 + 37 * place_no AS VARCHAR) AS postal_code,
    CAST(500 + place_no // 2 AS VARCHAR) AS dma_code
FROM loaded
CROSS JOIN market

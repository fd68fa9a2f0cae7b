-- What people did, once each, before the last day ended; new to the brand with their first order of the year, mostly.
CREATE TABLE conversion AS
SELECT
    *,
    step_no = 2
        AND row_number() OVER (PARTITION BY user_no, brand_no, step_no ORDER BY ts, conversion_no) = 1
        AND user_no % 10 < 7 AS new_to_brand
FROM (
    SELECT conversion_no * 3 + source_no AS conversion_no, source_no, step_no, ts, user_no, brand_no, product_no, units
    FROM conversion_raw
)
WHERE ts < (SELECT until FROM market)

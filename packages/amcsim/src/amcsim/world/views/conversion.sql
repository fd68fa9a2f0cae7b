-- What people did, once each, before the last day ended; new to the brand with their first order of the year, mostly.
-- Exposed is who had met an advertisement in the 28 days before.
CREATE TABLE conversion AS
SELECT
    c.*,
    c.step_no = 2
        AND row_number() OVER (PARTITION BY c.user_no, c.brand_no, c.step_no ORDER BY c.ts, c.conversion_no) = 1
        AND c.user_no % 10 < 7 AS new_to_brand,
    coalesce(t.ts >= c.ts - INTERVAL 28 DAY, FALSE) AS exposed
FROM (
    SELECT conversion_no * 3 + source_no AS conversion_no, source_no, step_no, ts, user_no, brand_no, product_no, units
    FROM conversion_raw
    WHERE ts < (SELECT until FROM market)
) c
ASOF LEFT JOIN touch t ON c.user_no = t.user_no AND c.ts >= t.ts

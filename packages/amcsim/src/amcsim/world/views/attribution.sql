-- Credits every conversion to the last click of 14 days, else to the last view of 14 days, by the same person on the same brand.
CREATE TABLE attribution AS
WITH credited AS (
    SELECT
        c.conversion_no,
        CASE WHEN k.ts >= c.ts - INTERVAL 14 DAY THEN k.touch_no
             WHEN v.ts >= c.ts - INTERVAL 14 DAY THEN v.touch_no END AS touch_no
    FROM conversion c
    ASOF LEFT JOIN (SELECT * FROM touch WHERE clicked) k
        ON c.user_no = k.user_no AND c.brand_no = k.brand_no AND c.ts >= k.ts
    ASOF LEFT JOIN (SELECT * FROM touch WHERE NOT clicked) v
        ON c.user_no = v.user_no AND c.brand_no = v.brand_no AND c.ts >= v.ts
)
SELECT
    conversion_no,
    touch_no,
    -- a few are modelled: nobody behind them, nothing known below the line item
    conversion_no % 97 < 3 AS modelled
FROM credited
WHERE touch_no IS NOT NULL
ORDER BY conversion_no

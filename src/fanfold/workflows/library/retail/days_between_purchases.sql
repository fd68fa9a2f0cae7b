-- How many days pass until people buy of the brand again.
/*
key: days-between-purchases
name: Days between purchases
tags: [library, retail, paid, loyalty]
parameters:
  longest_days:
    type: INTEGER
    default: 180
    description: Longer counts as this long.
tables: [amazon_retail_purchases]
*/
WITH purchases AS (
    SELECT
        user_id,
        purchase_date_utc,
        ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY purchase_date_utc) AS place
    FROM amazon_retail_purchases
    WHERE user_id IS NOT NULL
    GROUP BY user_id, purchase_date_utc
)
SELECT
    LEAST(
        CAST(SECONDS_BETWEEN(earlier.purchase_date_utc, later.purchase_date_utc) / 86400 AS INTEGER),
        CUSTOM_PARAMETER('longest_days')
    ) AS days_between,
    COUNT(DISTINCT earlier.user_id) AS buyers
FROM purchases AS earlier
INNER JOIN purchases AS later ON earlier.user_id = later.user_id AND later.place = earlier.place + 1
GROUP BY 1

-- The memberships as they were on the first Thursday of every month.
SELECT s.*, taken.day AS snapshot_datetime
FROM ({audience_segments}) s
JOIN (
    SELECT
        CAST(month + to_days(CAST((11 - isodow(month)) % 7 AS INTEGER)) AS DATE) AS day,
        date_diff('month', month, CAST(market.until AS TIMESTAMP)) AS age
    FROM market
    CROSS JOIN LATERAL (
        SELECT unnest(generate_series(
            date_trunc('month', market.first_day), CAST(market.until AS TIMESTAMP), INTERVAL 1 MONTH
        )) AS month
    ) months
) taken ON s.__months >= taken.age
CROSS JOIN market
WHERE taken.day >= market.first_day AND taken.day < market.until

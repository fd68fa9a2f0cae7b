-- What each campaign earned if the first and the last advertisement get more than those between.
SELECT campaigns[place], count(DISTINCT user_no), sum(weight), sum(weight * price)
FROM (
    SELECT *, unnest(range(1, len(campaigns) + 1)) AS place FROM journey
), LATERAL (
    SELECT CASE
        WHEN len(campaigns) <= 2 THEN 1 / len(campaigns)
        ELSE 0.4e0 + (0.2e0 / (len(campaigns) - 2) - 0.4e0) * (place > 1 AND place < len(campaigns))::INT
    END AS weight
) w
GROUP BY 1

-- What each campaign of any ad product cost and sold, and what came back per unit of currency.
SELECT campaign, cost, coalesce(sales, 0), coalesce(sales, 0) / cost
FROM (
    SELECT campaign, sum(microcents) / 1e8 AS cost FROM traffic GROUP BY 1
    UNION ALL SELECT campaign, sum(millicents) * 1.14e-5 FROM met GROUP BY 1
)
LEFT JOIN (SELECT campaign, sum(sales) AS sales FROM earned WHERE inside(touch_ts) GROUP BY 1) USING (campaign)

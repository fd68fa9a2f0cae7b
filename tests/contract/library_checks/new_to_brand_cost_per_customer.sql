-- What a first purchase from the brand costs in each sponsored campaign.
SELECT campaign, cost, coalesce(orders, 0), cost / orders
FROM (SELECT campaign, sum(microcents) * 1e-8 AS cost FROM traffic GROUP BY 1)
LEFT JOIN (
    SELECT campaign, count(*) AS orders FROM earned
    WHERE NOT is_dsp AND new_to_brand AND inside(touch_ts) GROUP BY 1
) USING (campaign)

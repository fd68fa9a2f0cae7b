-- What a visit of a detail page, a cart and a purchase cost in each display campaign.
SELECT campaign, cost, cost / nullif(views, 0), cost / nullif(carts, 0), cost / nullif(orders, 0)
FROM (SELECT campaign, sum(millicents) * 1.14e-5 AS cost FROM met GROUP BY 1)
LEFT JOIN (
    SELECT campaign, count(*) FILTER (step_no = 0) AS views, count(*) FILTER (step_no = 1) AS carts,
        count(*) FILTER (step_no = 2) AS orders
    FROM earned WHERE is_dsp AND inside(touch_ts) GROUP BY 1
) USING (campaign)

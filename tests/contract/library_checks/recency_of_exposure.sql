-- How many days before the order buyers had last seen an advertisement.
SELECT least(o.ts::DATE - m.ts::DATE, 28), count(DISTINCT o.user_no), sum(o.price)
FROM ordered o ASOF JOIN met m ON m.user_no = o.user_no AND m.ts <= o.ts GROUP BY 1

-- Which conversions near a campaign were of its promoted products and which of the brand.
SELECT campaign, CASE WHEN promoted OR category = 'off-Amazon' THEN 'PROMOTED' ELSE 'BRAND_HALO' END, count(*),
    count(DISTINCT user_no), sum(CASE WHEN what = 'order' THEN price ELSE 0 END)
FROM (
    SELECT d.*, l.campaign, d.product_no % 8 < 5 AS promoted
    FROM did d JOIN (SELECT DISTINCT brand_no, campaign FROM dsp_line) l USING (brand_no)
    UNION ALL
    SELECT d.*, l.campaign, list_contains(l.products, d.product_no)
    FROM did d JOIN (SELECT brand_no, campaign, list(product_no) AS products FROM sponsored_line GROUP BY ALL) l
        USING (brand_no)
)
WHERE exposed GROUP BY ALL

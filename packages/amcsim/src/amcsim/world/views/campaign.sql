-- The campaigns of all channels; a campaign promotes the first so many products of its brand.
CREATE TABLE campaign AS
SELECT DISTINCT
    brand_no, campaign, campaign_id, CAST(campaign_id AS VARCHAR) AS campaign_id_string,
    campaign_start, campaign_budget AS campaign_budget_amount,
    'STANDARD' AS campaign_sales_type, 'ADSP' AS campaign_source, 5 AS promoted_products
FROM dsp_line
UNION ALL
SELECT
    brand_no, campaign, campaign_id, campaign_id_string, campaign_start, NULL, NULL, 'SPONSORED_ADS',
    count(DISTINCT product_no)
FROM sponsored_line
GROUP BY ALL
ORDER BY ALL

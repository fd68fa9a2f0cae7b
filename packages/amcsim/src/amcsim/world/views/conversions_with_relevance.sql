-- One row per conversion and campaign it matters to: of the same brand, and begun before the conversion.
SELECT
    s.*,
    brand.brand AS advertiser, brand.advertiser_id, s.__timezone AS advertiser_timezone,
    campaign.campaign, campaign.campaign_id, campaign.campaign_id_string, campaign.campaign_budget_amount,
    campaign.campaign_sales_type, campaign.campaign_source,
    campaign.campaign_start AS campaign_start_date, campaign.campaign_start AS campaign_start_date_utc,
    campaign.campaign_start AS campaign_start_dt, campaign.campaign_start AS campaign_start_dt_utc,
    CASE WHEN promoted OR s.event_category = 'off-Amazon' THEN 'PROMOTED' ELSE 'BRAND_HALO' END AS engagement_scope,
    CASE
        WHEN s.event_category = 'off-Amazon' THEN NULL
        WHEN promoted THEN 'TRACKED_ASIN'
        WHEN s.__product_no % 8 = 7 THEN 'BRAND_CATEGORY'
        ELSE 'VARIATIONAL_ASIN'
    END AS halo_code
FROM ({shopped}) s
JOIN campaign ON campaign.brand_no = s.__brand_no
JOIN brand ON brand.brand_no = s.__brand_no
CROSS JOIN LATERAL (SELECT s.__product_no % 8 < campaign.promoted_products AS promoted) scope
WHERE s.__exposed AND s.event_dt_utc >= campaign.campaign_start

-- What display campaigns cost: every fee in its own unit, turned into the currency.
/*
key: dsp-costs-by-unit
name: Display costs in currency
tags: [library, cost]
tables: [dsp_impressions]
*/
SELECT
    campaign,
    currency_iso_code,
    SUM(impressions) AS impressions,
    SUM(impression_cost) / 100000 AS impression_cost,
    SUM(total_cost) / 100000 AS total_cost,
    SUM(supply_cost) / 100000000 AS supply_cost,
    SUM(audience_fee) / 100000000 AS audience_fee,
    SUM(platform_fee) / 100000000 AS platform_fee,
    SUM(total_cost) / 100 / SUM(impressions) AS cost_per_thousand
FROM dsp_impressions
GROUP BY campaign, currency_iso_code

-- Where people were reached: sites, the sources they were bought from, and their price.
/*
key: reach-by-site
name: Reach by site and supply source
tags: [library, reach, cost]
parameters:
  least_impressions:
    type: INTEGER
    default: 10
    description: Places with fewer impressions are left out.
tables: [dsp_impressions]
*/
SELECT
    supply_source,
    site,
    SUM(impressions) AS impressions,
    COUNT(DISTINCT user_id) AS reach,
    SUM(supply_cost) / 100000000 AS supply_cost,
    SUM(supply_cost) / 100000 / SUM(impressions) AS supply_cost_per_thousand
FROM dsp_impressions
GROUP BY supply_source, site
HAVING SUM(impressions) >= CUSTOM_PARAMETER('least_impressions')

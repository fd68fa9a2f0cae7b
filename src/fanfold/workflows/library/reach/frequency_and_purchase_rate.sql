-- At which frequency people buy: the share of buyers among those who saw a campaign that often.
/*
key: frequency-and-purchase-rate
name: Frequency and purchase rate
tags: [library, reach, conversion]
parameters:
  frequency_cap:
    type: INTEGER
    default: 15
    description: Who saw more counts as this often.
tables: [dsp_impressions, amazon_attributed_events_by_traffic_time]
*/
WITH exposures AS (
    SELECT campaign, user_id, LEAST(SUM(impressions), CUSTOM_PARAMETER('frequency_cap')) AS frequency
    FROM dsp_impressions
    WHERE user_id IS NOT NULL
    GROUP BY campaign, user_id
),
buyers AS (
    SELECT campaign, user_id, SUM(total_purchases) AS purchases, SUM(total_product_sales) AS sales
    FROM amazon_attributed_events_by_traffic_time
    WHERE user_id IS NOT NULL AND total_purchases > 0
    GROUP BY campaign, user_id
)
SELECT
    exposures.campaign,
    exposures.frequency,
    COUNT(DISTINCT exposures.user_id) AS reach,
    COUNT(DISTINCT buyers.user_id) AS buyers,
    COUNT(DISTINCT buyers.user_id) / COUNT(DISTINCT exposures.user_id) AS purchase_rate,
    SUM(COALESCE(buyers.purchases, 0)) AS purchases,
    SUM(COALESCE(buyers.sales, 0)) AS sales
FROM exposures
LEFT JOIN buyers ON exposures.campaign = buyers.campaign AND exposures.user_id = buyers.user_id
GROUP BY exposures.campaign, exposures.frequency

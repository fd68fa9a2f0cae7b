-- Which conversions near a campaign were of its promoted products and which of the brand.
/*
key: halo-of-campaigns
name: Promoted and brand halo conversions
tags: [library, retail, conversion]
tables: [conversions_with_relevance]
*/
SELECT
    campaign,
    engagement_scope,
    SUM(conversions) AS conversions,
    COUNT(DISTINCT user_id) AS people,
    SUM(total_product_sales) AS sales
FROM conversions_with_relevance
GROUP BY campaign, engagement_scope

-- How many people were reached in each postal code; codes with fewer than a hundred stay hidden.
/*
key: reach-by-postal-code
name: Reach by postal code
tags: [library, reach, geography]
tables: [dsp_impressions]
*/
SELECT
    postal_code,
    SUM(impressions) AS impressions,
    COUNT(DISTINCT user_id) AS reach
FROM dsp_impressions
WHERE postal_code IS NOT NULL
GROUP BY postal_code

-- How many people each pair of display campaigns reached in common.
/*
key: campaign-overlap-matrix
name: Campaign overlap matrix
tags: [library, overlap]
tables: [dsp_impressions]
*/
WITH exposures AS (
    SELECT campaign, user_id FROM dsp_impressions WHERE user_id IS NOT NULL GROUP BY campaign, user_id
)
SELECT
    one.campaign AS campaign,
    other.campaign AS other_campaign,
    COUNT(DISTINCT one.user_id) AS common_reach
FROM exposures AS one
INNER JOIN exposures AS other ON one.user_id = other.user_id
WHERE one.campaign <= other.campaign
GROUP BY one.campaign, other.campaign

-- How many people were reached often and viewed a page, and have not ordered: whom to meet again.
/*
key: viewers-without-an-order
name: Viewers without an order
tags: [library, audience, conversion]
parameters:
  least_impressions:
    type: INTEGER
    default: 3
    description: Who saw less is left out.
tables: [dsp_impressions, conversions]
*/
WITH exposures AS (
    SELECT user_id, SUM(impressions) AS seen
    FROM dsp_impressions
    WHERE user_id IS NOT NULL
    GROUP BY user_id
),
steps AS (
    SELECT
        user_id,
        MAX(IF(event_subtype = 'detailPageView', 1, 0)) AS viewed,
        MAX(IF(event_subtype = 'order', 1, 0)) AS ordered
    FROM conversions
    WHERE user_id IS NOT NULL
    GROUP BY user_id
)
SELECT
    CASE
        WHEN steps.ordered = 1 THEN 'ordered'
        WHEN steps.viewed = 1 THEN 'viewed without an order'
        ELSE 'only reached'
    END AS stage,
    COUNT(DISTINCT exposures.user_id) AS people,
    AVG(exposures.seen) AS average_impressions
FROM exposures
LEFT JOIN steps ON exposures.user_id = steps.user_id
WHERE exposures.seen >= CUSTOM_PARAMETER('least_impressions')
GROUP BY 1

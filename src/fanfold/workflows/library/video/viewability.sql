-- Which part of the impressions could be measured and was viewed.
/*
key: viewability
name: Viewability
tags: [library, video, quality]
tables: [dsp_views]
*/
SELECT
    campaign,
    SUM(measurable_impressions) AS measurable,
    SUM(viewable_impressions) AS viewable,
    SUM(viewable_impressions) / SUM(measurable_impressions) AS viewable_rate
FROM dsp_views
GROUP BY campaign

-- How impressions, reach and cost of each display campaign develop week by week.
SELECT ts::DATE - (isodow(ts)::INT - 1), campaign, count(*), count(DISTINCT user_no), sum(millicents) * 1.14e-5
FROM met GROUP BY ALL

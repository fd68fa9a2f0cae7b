-- How many calendar days lie between advertisement and purchase, by campaign.
SELECT campaign, least(ts::DATE - touch_ts::DATE, 14), count(DISTINCT user_no), count(*)
FROM earned WHERE inside(touch_ts) AND step_no = 2 GROUP BY ALL

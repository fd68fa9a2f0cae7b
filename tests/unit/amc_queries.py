"""Ordinary AMC queries, one for each thing that a check might take offence at."""

from __future__ import annotations

SOUND = {
    "values in WITH": """
        WITH phases (name, first_day) AS (VALUES ('warm-up', '2026-10-01'), ('peak', '2026-10-15'))
        SELECT name, COUNT(DISTINCT user_id) AS reach FROM dsp_impressions, phases GROUP BY name""",
    "extended time window": """
        SELECT campaign, SUM(impressions) AS impressions
        FROM TABLE(EXTEND_TIME_WINDOW('dsp_impressions', 'P28D', 'P0D')) GROUP BY campaign""",
    "rows, arrays and COLLECT": """
        WITH touches AS (
            SELECT user_id, campaign, NAMED_ROW(
                'order', ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY MIN(event_dt_utc)),
                'campaign', campaign) AS step
            FROM sponsored_ads_traffic WHERE user_id IS NOT NULL GROUP BY user_id, campaign
        ), paths AS (SELECT user_id, ARRAY_SORT(COLLECT(DISTINCT step)) AS path FROM touches GROUP BY user_id)
        SELECT path, COUNT(DISTINCT user_id) AS users FROM paths GROUP BY path""",
    "COLLECT of a row": """
        SELECT campaign, COLLECT(NAMED_ROW('device', device_type, 'site', site)) AS seen, COUNT(*) AS n
        FROM dsp_impressions GROUP BY campaign""",
    "regular expressions": """
        SELECT campaign, SUM(clicks) AS clicks FROM dsp_clicks
        WHERE campaign SIMILAR TO '(?i).*(retarget|remarket).*' GROUP BY campaign""",
    "union, full join and IF": """
        WITH seen AS (
            SELECT user_id, 1 AS dsp, 0 AS sponsored FROM dsp_impressions GROUP BY user_id
            UNION ALL
            SELECT user_id, 0 AS dsp, 1 AS sponsored FROM sponsored_ads_traffic GROUP BY user_id
        )
        SELECT IF(a.dsp > 0 AND b.sponsored > 0, 'both', 'one') AS overlap, COUNT(DISTINCT a.user_id) AS users
        FROM seen a FULL OUTER JOIN seen b ON a.user_id = b.user_id GROUP BY 1""",
    "dates and time zones": """
        SELECT EXTRACT(DOW FROM CONVERT_TIME_ZONE_FROM_UTC(event_dt_utc, 'Europe/Berlin')) AS weekday,
               SUM(impressions) AS impressions, CAST('today' AS DATE) AS as_of
        FROM sponsored_ads_traffic WHERE SECONDS_BETWEEN(event_dt_utc, CAST('now' AS TIMESTAMP)) > 3600
        GROUP BY 1, 3""",
    "the functions LEFT and RIGHT": """
        SELECT LEFT(campaign, 3) AS head, RIGHT(campaign, 3) AS tail, COUNT(*) AS n FROM dsp_impressions
        GROUP BY 1, 2""",
    "a star of a query of one's own": """
        WITH totals AS (SELECT campaign, SUM(clicks) AS clicks FROM dsp_clicks GROUP BY campaign)
        SELECT * FROM totals""",
    "medians and ratios": """
        SELECT campaign, MEDIAN(spend) AS cost, SUM(clicks) * 1.0 / SUM(impressions) AS rate
        FROM sponsored_ads_traffic GROUP BY campaign HAVING SUM(impressions) * 2 > 100""",
    "an overlap by user inside": """
        WITH users AS (
            SELECT user_id, SUM(IF(ad_product_type = 'sponsored_products', 1, 0)) AS sp
            FROM sponsored_ads_traffic GROUP BY user_id)
        SELECT CASE WHEN sp > 0 THEN 'reached' ELSE 'not' END AS bucket, COUNT(user_id) AS users
        FROM users WHERE user_id IN (SELECT user_id FROM conversions) GROUP BY 1""",
    "words of refused constructs as names": """
        SELECT "limit", 'a || b; LIMIT 3' AS note, COUNT(*) AS n FROM my_uploaded_table GROUP BY 1, 2""",
    "an uploaded table with a column of a known name": """
        SELECT purchase_id, SUM(amount) AS amount FROM my_uploaded_purchases GROUP BY purchase_id""",
    "comments": """
        -- how many; saw it?
        SELECT campaign /* LIMIT 10; */, COUNT(*) AS n FROM dsp_impressions GROUP BY campaign -- end;""",
    "distinct values": "SELECT DISTINCT campaign FROM dsp_impressions",
    "the edges of the window": """
        SELECT BUILT_IN_PARAMETER('TIME_WINDOW_START') AS since, COUNT(*) AS n FROM conversions GROUP BY 1""",
}

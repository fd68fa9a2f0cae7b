-- How the segments did that line items were aimed at.
SELECT campaign, segment_name, count(*), count(DISTINCT m.user_no)
FROM met m JOIN person p USING (user_no) JOIN segment s ON s.segment_id = p.themes[m.aim + 1] GROUP BY ALL

-- One row per person of the region and segment of the class; a few people of other regions shop here too.
SELECT
    m.user_no AS __users,
    m.user_id, m.user_id_type,
    segment_id, segment.segment_name,
    CASE WHEN market.area = '{area}' THEN market.marketplace_no ELSE {marketplace_no} END AS segment_marketplace_id,
    FALSE AS no_3p_trackers,
    m.months AS __months
FROM membership m
JOIN segment USING (segment_id)
CROSS JOIN market
WHERE segment.class = '{class}' AND (market.area = '{area}' OR drawn(m.user_no, 90 + {marketplace_no}, 100) < 3)

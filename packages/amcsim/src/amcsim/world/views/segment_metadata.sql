-- Every segment in the instance's marketplace and in the first one of each region.
SELECT
    segment.segment_id, segment.segment_name, place.marketplace_no AS segment_marketplace_id,
    segment.class AS category_level_1, segment.category AS category_level_2,
    segment.class || '/' || segment.category || '/' || substr(segment.segment_name, 6) AS category_path,
    CASE segment.class
        WHEN 'In-Market' THEN 'People who lately looked for products of the kind: '
        ELSE 'People whose habits of the last year suggest: '
    END || substr(segment.segment_name, 6) AS segment_description,
    FALSE AS no_3p_trackers
FROM segment
CROSS JOIN (
    SELECT marketplace_no FROM market
    UNION
    SELECT unnest([1, 4, 6])
) place
